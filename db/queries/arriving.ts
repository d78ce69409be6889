/** Listed files that may still be written, for people. */
import type { Knex } from 'knex';

/** Those of one dataset. */
export interface ArrivingLine {
  readonly dataset: string;
  readonly files: number;
  /** The path of one of them. */
  readonly example: string;
}

/** Files that may still be written, of each dataset that has some. */
export async function readArriving(
  knex: Knex,
  datasetIds: readonly number[],
): Promise<readonly ArrivingLine[]> {
  const { rows } = await knex.raw(
    `SELECT t.name AS dataset, count(*) AS files, min(r.path) AS example
     FROM arrivals r JOIN datasets t ON t.id = r.dataset_id
     WHERE r.dataset_id = ANY(?) AND r.settled_ms IS NULL GROUP BY t.name ORDER BY t.name`,
    [[...datasetIds]],
  );
  return rows;
}

/** A listed file of one of these names that may still be written. */
export async function findArriving(
  knex: Knex,
  names: readonly string[],
): Promise<{ readonly dataset: string; readonly path: string } | undefined> {
  const { rows } = await knex.raw(
    `SELECT t.name AS dataset, r.path FROM arrivals r JOIN datasets t ON t.id = r.dataset_id
     WHERE r.settled_ms IS NULL AND regexp_replace(r.path, '^.*/', '') = ANY(?) ORDER BY t.name LIMIT 1`,
    [[...names]],
  );
  return rows[0];
}
