import type { Knex } from 'knex';

/** The nodes of a site on which jobs have run, in the order of their names. */
export async function readNodes(knex: Knex, site: string): Promise<readonly string[]> {
  const { rows } = await knex.raw(
    `SELECT DISTINCT j.node FROM submission_jobs j JOIN submissions b ON b.id = j.submission_id
     WHERE b.site = ? AND j.node IS NOT NULL ORDER BY j.node`,
    [site],
  );
  return rows.map((row: { node: string }) => row.node);
}
