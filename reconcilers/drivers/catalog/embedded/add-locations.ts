import type { Outcome } from '../../../ports/seen.ts';
import type { Session } from './database.ts';
import { locationProblem, nameProblem } from './name-problem.ts';
import { chunksOf } from './read.ts';
import type { Tables } from './schema.ts';

interface NamedLocation {
  readonly name: string;
  readonly location: string;
}

const ABSENT: Outcome = { ok: false, code: 'absent', message: 'not in the catalog; declare it first' };

/** Locations by name in the order given; a name with a location of no use is refused whole. */
function byName(locations: readonly NamedLocation[]) {
  const good = new Map<string, Set<string>>();
  const outcomes = new Map<string, Outcome>();
  for (const { name, location } of locations) {
    const problem = locationProblem(location);
    if (nameProblem(name)) outcomes.set(name, ABSENT);
    else if (problem) {
      const message = `the location ${JSON.stringify(location)} ${problem}`;
      outcomes.set(name, { ok: false, code: 'rejected', message });
    } else good.set(name, (good.get(name) ?? new Set()).add(location));
  }
  const asked = [...good].filter(([name]) => !outcomes.has(name));
  return { asked: asked.map(([name, set]) => ({ name, locations: [...set] })), outcomes };
}

/**
 * Say where files lie, in the transaction given; retired and unknown files are `absent`.
 *
 * Repeatable: only locations that are not known yet are added.
 */
export async function addLocations(
  session: Session,
  { files }: Tables,
  locations: readonly NamedLocation[],
): Promise<ReadonlyMap<string, Outcome>> {
  const { asked, outcomes } = byName(locations);
  for (const chunk of chunksOf(asked)) {
    // Locked, in one order for all: a retraction of this moment waits, or was before us.
    const rows = await session.query(
      `SELECT name FROM ${files} WHERE name = ANY ($1) AND NOT retired ORDER BY name FOR UPDATE`,
      [chunk.map(({ name }) => name)],
    );
    await session.query(
      `UPDATE ${files} f SET added_locations = f.added_locations || ARRAY(
         SELECT l FROM unnest(a.locations) WITH ORDINALITY AS u(l, n)
         WHERE l <> ALL (f.manifest_locations || f.added_locations) ORDER BY n)
       FROM json_to_recordset($1::json) AS a(name text, locations text[])
       WHERE f.name = a.name AND NOT f.retired
         AND NOT a.locations <@ (f.manifest_locations || f.added_locations)`,
      [JSON.stringify(chunk)],
    );
    const known = new Set(rows.map((row) => row.name));
    for (const { name } of chunk) outcomes.set(name, known.has(name) ? { ok: true } : ABSENT);
  }
  return outcomes;
}
