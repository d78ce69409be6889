/** What lies in stores under names of ours and is no work under way. */
import type { Knex } from 'knex';
import type { LeftInStore } from '../../reconcilers/model/sweeping.ts';

/** As the last sweep of its site that asked the store found it. */
export interface LeftAtSite extends LeftInStore {
  readonly site: string;
  readonly seenMs: number;
}

/** What is left in the stores of some sites, in the order of their names. */
export async function readLeft(knex: Knex, sites: readonly string[]): Promise<readonly LeftAtSite[]> {
  const { rows } = await knex.raw(
    `SELECT site, store, kind, files, size_bytes AS "sizeBytes", example, seen_ms AS "seenMs"
     FROM left_in_stores WHERE site = ANY(?) ORDER BY site, store, kind`,
    [[...sites]],
  );
  return rows;
}
