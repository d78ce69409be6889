/** What stands in the way of whole datasets and is no file's, as it was found last. */
import type { Knex } from 'knex';

/** A system of a site that does not answer. */
export interface SilentSystem {
  readonly site: string;
  /** As the site has it: a store, the spool, the batch system, the catalog, a mover. */
  readonly name: string;
  readonly message: string;
  readonly sinceMs: number;
  /** When it was asked last. */
  readonly seenMs: number;
}

/** Systems of some sites that did not answer when they were asked last, the one that is silent for longest first. */
export async function readSilentSystems(
  knex: Knex,
  sites: readonly string[],
): Promise<readonly SilentSystem[]> {
  const { rows } = await knex.raw(
    `SELECT site, name, COALESCE(message, 'no reason on record') AS message, since_ms AS "sinceMs", seen_ms AS "seenMs"
     FROM systems WHERE NOT healthy AND site = ANY(?) ORDER BY since_ms, site, name`,
    [[...sites]],
  );
  return rows;
}

/** An open problem of a whole dataset. */
export interface DatasetProblem {
  readonly dataset: string;
  readonly message: string;
  readonly sinceMs: number;
}

/** Open problems of one kind that whole datasets have, in the order of the datasets' names. */
export async function readDatasetProblems(
  knex: Knex,
  datasetIds: readonly number[],
  kind: string,
): Promise<readonly DatasetProblem[]> {
  const { rows } = await knex.raw(
    `SELECT t.name AS dataset, p.message, p.since_ms AS "sinceMs" FROM problems p JOIN datasets t ON t.id = p.dataset_id
     WHERE p.dataset_id = ANY(:ids) AND p.kind = :kind AND p.file_id IS NULL AND p.cleared_ms IS NULL ORDER BY t.name`,
    { ids: [...datasetIds], kind },
  );
  return rows;
}
