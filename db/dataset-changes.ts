/** What a person changes of a dataset itself: its name, and that it gives up its places. Both stand in its history. */
import type { Knex } from 'knex';
import { WAITING_PROBLEMS } from '../machines/problems.ts';
import type { Lease } from '../reconcilers/model/records.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import { confirmLease } from './leases.ts';
import { oneRow } from './typed.ts';

/** A change by a person, under the leases of every phase of the datasets it concerns. */
export interface Signed {
  readonly leases: readonly Lease[];
  /** Who writes: command, host and process. */
  readonly holder: string;
  /** Who says so and why, for the history. */
  readonly because: string;
  readonly nowMs: number;
}

/** What a dataset has made or begun; one that has nothing of it can make way for another. */
export interface Belongings {
  readonly outputs: number;
  readonly places: number;
  /** Attempts under way, of any phase. */
  readonly underWay: number;
}

/** Count what a dataset has. */
export async function readBelongings(knex: Knex, { id }: DatasetRow): Promise<Belongings> {
  return oneRow<Belongings>(
    knex,
    `SELECT (SELECT count(*) FROM output_states WHERE dataset_id = :id) AS outputs,
       (SELECT count(*) FROM places WHERE dataset_id = :id) AS places,
       (SELECT count(*) FROM live_attempts WHERE dataset_id = :id) AS "underWay"`,
    { id },
  );
}

/**
 * Give a dataset another name, under which its spec is found from now on.
 *
 * @param inTheWay  the dataset that has that name and has made nothing: it is put aside, under a name of its own
 */
export async function renameDataset(
  knex: Knex,
  dataset: DatasetRow,
  name: string,
  inTheWay: DatasetRow | null,
  signed: Signed,
): Promise<void> {
  await knex.transaction(async (tx) => {
    await tx.raw('LOCK TABLE datasets IN SHARE ROW EXCLUSIVE MODE');
    for (const lease of signed.leases) await confirmLease(tx, lease, signed.nowMs);
    if (inTheWay !== null) {
      const aside = `${name}.${inTheWay.id}`;
      await tx('datasets')
        .where({ id: inTheWay.id })
        .update({ name: aside, orphaned_ms: signed.nowMs, released_ms: signed.nowMs });
      await clearWaiting(tx, signed.nowMs, inTheWay.id);
      await sign(tx, inTheWay, { from: name, to: aside, fact: 'dataset.putAside' }, signed);
    }
    await tx('datasets').where({ id: dataset.id }).update({ name });
    await clearWaiting(tx, signed.nowMs, null);
    await sign(tx, dataset, { from: dataset.name, to: name, fact: 'dataset.renamed' }, signed);
  });
}

/** Let a dataset give up every place that belongs to it. Its files and its history stay. @returns how many places */
export async function releaseDataset(knex: Knex, dataset: DatasetRow, signed: Signed): Promise<number> {
  return knex.transaction(async (tx) => {
    for (const lease of signed.leases) await confirmLease(tx, lease, signed.nowMs);
    const places = await tx('places').where({ dataset_id: dataset.id }).delete();
    await tx('datasets').where({ id: dataset.id }).update({ released_ms: signed.nowMs });
    await clearWaiting(tx, signed.nowMs, null);
    await sign(tx, dataset, { from: 'orphaned', to: 'released', fact: 'dataset.released' }, signed);
    return places;
  });
}

/** Files that wait for places are looked at again by the next pass; those that must go on waiting are told of again. */
async function clearWaiting(tx: Knex, nowMs: number, datasetId: number | null): Promise<void> {
  await tx.raw(
    `UPDATE problems p SET cleared_ms = :now FROM input_states s
     WHERE p.cleared_ms IS NULL AND p.kind = ANY(:kinds) AND s.file_id = p.file_id
       AND (CAST(:id AS bigint) = p.dataset_id OR (CAST(:id AS bigint) IS NULL AND s.state NOT IN ('done', 'copied')))`,
    { now: nowMs, kinds: [...WAITING_PROBLEMS], id: datasetId },
  );
}

async function sign(
  tx: Knex,
  { id }: DatasetRow,
  change: { readonly from: string; readonly to: string; readonly fact: string },
  { holder, because, nowMs }: Signed,
): Promise<void> {
  await tx.raw(
    `WITH pass AS (INSERT INTO passes (dataset_id, phase, holder, epoch, at_ms)
       VALUES (:id, 'dataset', :holder, 0, :at) RETURNING id)
     INSERT INTO transitions (dataset_id, from_state, to_state, fact, because, at_ms, pass_id)
     SELECT CAST(:id AS bigint), CAST(:from AS text), CAST(:to AS text), CAST(:fact AS text), CAST(:because AS text),
       CAST(:at AS bigint), pass.id FROM pass`,
    { id, holder, because, at: nowMs, ...change },
  );
}
