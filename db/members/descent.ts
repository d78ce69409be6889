/** How files that an input names came about, where a dataset of ours has made them. */

import type { Knex } from 'knex';
import type { FileId } from '../../machines/model.ts';
import type { Descent } from '../../reconcilers/model/members.ts';
import type { PlacedMember } from '../../reconcilers/model/records.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';

/** More datasets than this in a row are a ring that is not this one's. */
const DEEPEST = 100;

/**
 * The descents of files by the places they lie in and, where a catalog names them, by the
 * names under which our outputs were declared. Other files are not among the answers.
 */
export async function readDescents(
  knex: Knex,
  { loaded }: DatasetRow,
  members: readonly PlacedMember[],
): Promise<Descent[]> {
  if (members.length === 0) return [];
  const { kind } = loaded.spec.input.source;
  const { rows } = await knex.raw(
    `WITH RECURSIVE v AS (
       SELECT * FROM jsonb_to_recordset(CAST(:members AS jsonb)) AS v(index int, name text, place text, path text)),
     made AS (
       SELECT v.index, p.input_id AS id, p.dataset_id FROM v JOIN places p ON p.place = v.place AND p.path = v.path
       UNION
       SELECT v.index, d.parent_id, d.dataset_id FROM v JOIN file_details d ON d.name = v.name AND d.kind = 'output'
         JOIN output_states s ON s.file_id = d.id AND s.state IN ('declared', 'located') WHERE CAST(:named AS boolean)),
     up AS (
       SELECT index, id AS made_from, id, dataset_id, 0 AS depth FROM made
       UNION ALL
       SELECT up.index, up.made_from, a.id, a.dataset_id, up.depth + 1
       FROM up JOIN file_details f ON f.id = up.id JOIN file_details a ON a.id = f.made_from
       WHERE up.depth < ${DEEPEST})
     SELECT up.index, up.made_from AS "madeFrom", array_agg(t.name ORDER BY up.depth) AS through
     FROM up JOIN datasets t ON t.id = up.dataset_id GROUP BY up.index, up.made_from ORDER BY up.index`,
    { members: JSON.stringify(members), named: kind === 'definition' || kind === 'query' },
  );
  return rows;
}

/** Write of which inputs members were made; what is known already stays. */
export async function writeOrigins(
  knex: Knex,
  dataset: DatasetRow,
  madeFrom: ReadonlyMap<string, FileId>,
): Promise<void> {
  if (madeFrom.size === 0) return;
  await knex.raw(
    `UPDATE file_details d SET made_from = CAST(v.value AS bigint) FROM jsonb_each_text(?::jsonb) AS v(key, value)
     WHERE d.dataset_id = ? AND d.kind = 'input' AND d.name = v.key AND d.made_from IS NULL`,
    [JSON.stringify(Object.fromEntries(madeFrom)), dataset.id],
  );
}
