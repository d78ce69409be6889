/** Files of a listing that may still be written: kept apart until they have stopped changing. */

import type { Knex } from 'knex';
import type { Arrival } from '../../reconcilers/model/members.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';

/** The arrivals of a dataset by path. */
export async function readArrivals(knex: Knex, { id }: DatasetRow): Promise<ReadonlyMap<string, Arrival>> {
  const { rows } = await knex.raw(
    'SELECT path, size_bytes AS "sizeBytes", modified, since_ms AS "sinceMs" FROM arrivals WHERE dataset_id = ?',
    [id],
  );
  return new Map(rows.map(({ path, ...arrival }: Arrival & { path: string }) => [path, arrival]));
}

/**
 * Take out of a staged answer what may still be written: new files altogether, of known
 * ones the size, so that it neither corrects nor contradicts what is on record.
 *
 * @param now       before the listing was begun: a file is whole if it has not changed for long enough by then
 * @param listedMs  when it was at its end: a file that has changed has done so by then
 * @returns how many files that are
 */
export async function keepApart(
  tx: Knex,
  { id, loaded }: DatasetRow,
  { now, listedMs }: { readonly now: number; readonly listedMs: number },
): Promise<number> {
  const { source, settleForSeconds } = loaded.spec.input;
  if (source.kind !== 'files' || settleForSeconds === 0) {
    await tx('arrivals').where({ dataset_id: id }).delete();
    return 0;
  }
  await tx.raw(
    `CREATE TEMP TABLE arriving ON COMMIT DROP AS SELECT a.name, a.source_path AS path, a.size_bytes, a.modified, d.id AS known
     FROM answer a LEFT JOIN file_details d ON d.dataset_id = ? AND d.kind = 'input' AND d.name = a.name
     WHERE a.size_bytes IS NOT NULL AND d.size_bytes IS DISTINCT FROM a.size_bytes`,
    [id],
  );
  // For the same reason as those of the answer.
  await tx.raw('CREATE INDEX ON arriving (path)');
  await tx.raw('ANALYZE arriving');
  await tx.raw(
    'DELETE FROM arrivals r WHERE r.dataset_id = ? AND NOT EXISTS (SELECT 1 FROM arriving v WHERE v.path = r.path)',
    [id],
  );
  await tx.raw(ARRIVE, { id, listedMs, whole: now - settleForSeconds * 1000 });
  const changing = `FROM arriving v JOIN arrivals r ON r.dataset_id = :id AND r.path = v.path
    WHERE r.settled_ms IS NULL`;
  const { rows } = await tx.raw(`SELECT count(*) AS files ${changing}`, { id });
  await tx.raw(
    `DELETE FROM answer a WHERE a.source_path IN (SELECT v.path ${changing} AND v.known IS NULL)`,
    { id },
  );
  await tx.raw(
    `UPDATE answer a SET size_bytes = NULL WHERE a.source_path IN (SELECT v.path ${changing} AND v.known IS NOT NULL)`,
    { id },
  );
  return rows[0].files;
}

const IS_SAME = 'r.size_bytes = EXCLUDED.size_bytes AND r.modified IS NOT DISTINCT FROM EXCLUDED.modified';

/** A file that has changed begins anew; one that has not for long enough is whole. */
const ARRIVE = `
INSERT INTO arrivals AS r (dataset_id, path, size_bytes, modified, since_ms)
SELECT CAST(:id AS bigint), path, size_bytes, modified, CAST(:listedMs AS bigint) FROM arriving
ON CONFLICT (dataset_id, path) DO UPDATE SET
  size_bytes = EXCLUDED.size_bytes, modified = EXCLUDED.modified,
  since_ms = CASE WHEN ${IS_SAME} THEN r.since_ms ELSE EXCLUDED.since_ms END,
  settled_ms = CASE WHEN ${IS_SAME} AND r.since_ms <= CAST(:whole AS bigint) THEN COALESCE(r.settled_ms, EXCLUDED.since_ms) END
WHERE NOT (${IS_SAME} AND (r.settled_ms IS NOT NULL OR r.since_ms > CAST(:whole AS bigint)))`;

/** Forget arrivals that are on record as they are, now that the answer was written. */
export async function forgetArrived(tx: Knex, { id }: DatasetRow): Promise<void> {
  await tx.raw(
    `DELETE FROM arrivals r USING answer a, file_details d
     WHERE r.dataset_id = :id AND r.settled_ms IS NOT NULL AND a.source_path = r.path
       AND d.dataset_id = :id AND d.kind = 'input' AND d.name = a.name AND d.size_bytes = a.size_bytes`,
    { id },
  );
}
