import type { Outcome } from '../../../ports/seen.ts';
import type { Session } from './database.ts';
import { nameProblem } from './name-problem.ts';
import { chunksOf, type Row } from './read.ts';
import type { Tables } from './schema.ts';

function outcomeOf(left: Row | undefined): Outcome {
  if (!left) return { ok: true };
  const message =
    left.declared === true
      ? 'it has a location; what lies somewhere is not taken back'
      : 'it comes from a manifest; take it out of the manifest';
  return { ok: false, code: 'conflict', message };
}

/**
 * Take back declarations without a location, in the transaction given.
 *
 * Repeatable: what is not there, or retired, is a success.
 */
export async function retract(
  session: Session,
  { files }: Tables,
  names: readonly string[],
): Promise<ReadonlyMap<string, Outcome>> {
  // A name that cannot be in the catalog is as unknown as any other.
  const outcomes = new Map<string, Outcome>(names.map((name) => [name, { ok: true }]));
  for (const chunk of chunksOf(names.filter((name) => nameProblem(name) === null))) {
    await session.query(
      `DELETE FROM ${files}
       WHERE name = ANY ($1) AND declared AND cardinality(manifest_locations || added_locations) = 0`,
      [chunk],
    );
    const rows = await session.query(
      `SELECT name, declared FROM ${files} WHERE name = ANY ($1) AND NOT retired`,
      [chunk],
    );
    const left = new Map(rows.map((row) => [row.name, row]));
    for (const name of chunk) outcomes.set(name, outcomeOf(left.get(name)));
  }
  return outcomes;
}
