/**
 * Places that a migration has filled in from the text of sites, and what stores say of
 * them: a link on the way may make two of them one, of which the earlier is kept.
 */
import type { Knex } from 'knex';
import { PLACE_TAKEN } from '../machines/problems.ts';
import type { PlaceName } from '../reconcilers/model/holders.ts';
import { writeProblem } from './commit.ts';

/** A place of which no store has said where it is. */
export interface Unlocated extends PlaceName {
  readonly datasetId: number;
  readonly dataset: string;
  readonly inputId: number | null;
  readonly store: string;
  readonly storePath: string;
  readonly sinceMs: number;
}

/** A place with what its store says it is. */
export interface Located {
  readonly row: Unlocated;
  readonly is: PlaceName;
}

const COLUMNS = `p.place, p.path, p.dataset_id AS "datasetId", t.name AS dataset, p.input_id AS "inputId", p.store,
  p.store_path AS "storePath", p.since_ms AS "sinceMs"`;

/** The next of them in the order in which they were claimed. @param after  the last that was read; null: from the first */
export async function readUnlocated(
  knex: Knex,
  after: Unlocated | null,
  limit: number,
): Promise<Unlocated[]> {
  const { rows } = await knex.raw(
    `SELECT ${COLUMNS} FROM places p JOIN datasets t ON t.id = p.dataset_id
     WHERE p.located_ms IS NULL AND (p.since_ms, p.place, p.path) > (:since, :place, :path)
     ORDER BY p.since_ms, p.place, p.path LIMIT :limit`,
    { since: after?.sinceMs ?? -1, place: after?.place ?? '', path: after?.path ?? '', limit },
  );
  return rows;
}

/**
 * Write where places are. Repeatable, and right when two programs do it at once: whatever
 * the other has written is no longer among those without a location.
 */
export async function writeLocated(knex: Knex, located: readonly Located[], nowMs: number): Promise<void> {
  await knex.transaction(async (tx) => {
    await tx.raw('LOCK TABLE places IN SHARE ROW EXCLUSIVE MODE');
    const isSame = ({ row, is }: Located) => row.place === is.place && row.path === is.path;
    await tx.raw(
      `UPDATE places p SET located_ms = :now FROM ${ROWS}
       WHERE p.place = v.place AND p.path = v.path AND p.located_ms IS NULL`,
      { now: nowMs, rows: asRows(located.filter(isSame)) },
    );
    const moved = located.filter((one) => !isSame(one));
    if (moved.length === 0) return;
    await tx.raw(
      `UPDATE places p SET place = v."isPlace", path = v."isPath", located_ms = :now FROM ${ROWS}
       WHERE p.place = v.place AND p.path = v.path AND p.located_ms IS NULL
         AND NOT EXISTS (SELECT 1 FROM places o WHERE o.place = v."isPlace" AND o.path = v."isPath")`,
      { now: nowMs, rows: asRows(firstOfEach(moved)) },
    );
    for (const one of moved) await mergeWithOther(tx, one, nowMs);
  });
}

const ROWS = `jsonb_to_recordset(CAST(:rows AS jsonb)) AS v(place text, path text, "isPlace" text, "isPath" text)`;

function asRows(located: readonly Located[]): string {
  return JSON.stringify(
    located.map(({ row: { place, path }, is }) => ({ place, path, isPlace: is.place, isPath: is.path })),
  );
}

function firstOfEach(located: readonly Located[]): readonly Located[] {
  const first = new Map<string, Located>();
  for (const one of located) {
    const key = `${one.is.place}\n${one.is.path}`;
    if (!first.has(key)) first.set(key, one);
  }
  return [...first.values()];
}

/** Two rows are one place: the earlier has it, and the other's input is told of it. */
async function mergeWithOther(tx: Knex, { row, is }: Located, nowMs: number): Promise<void> {
  const mine = await tx('places').where({ place: row.place, path: row.path, located_ms: null }).first();
  if (mine === undefined) return;
  await tx('places').where({ place: row.place, path: row.path }).delete();
  const other = await tx('places').where({ place: is.place, path: is.path }).first();
  if (other === undefined) {
    await tx('places').insert({ ...mine, ...{ place: is.place, path: is.path, located_ms: nowMs } });
    return;
  }
  if (mine.dataset_id === other.dataset_id && mine.input_id === other.input_id) return;
  const [keeps, loses] = mine.since_ms < other.since_ms ? [mine, other] : [other, mine];
  await tx('places')
    .where({ place: is.place, path: is.path })
    .update({ ...keeps, place: is.place, path: is.path, located_ms: nowMs });
  if (loses.input_id === null) return;
  const owner = await tx('datasets').where({ id: keeps.dataset_id }).first('name');
  const input = await tx('file_details').where({ id: keeps.input_id }).first('name');
  const message = `${loses.store}:${loses.store_path} belongs to ${input?.name ?? 'an archive'} of dataset ${owner?.name}, which was there first; one file cannot be the output of both`;
  await writeProblem(
    tx,
    { kind: PLACE_TAKEN, fileId: loses.input_id, problem: { class: 'data', message } },
    { datasetId: loses.dataset_id, phase: 'process', atMs: nowMs },
  );
}
