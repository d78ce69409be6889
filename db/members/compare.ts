/** How a staged answer differs from the members on record. */

import type { Knex } from 'knex';
import type { MembersSummary } from '../../reconcilers/model/members.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';

/** States in which a member's size and count may still be corrected by the catalog. */
export const CORRECTABLE = "('pending', 'transferred', 'error')";

/** Members on record; the aliases are d (details) and s (states). */
export const KNOWN = `file_details d JOIN input_states s ON s.file_id = d.id`;
/** What an answer (a) does not know is no difference; what is not on record yet is one. */
export const DIFFERS = `NOT ((a.size_bytes IS NULL OR a.size_bytes IS NOT DISTINCT FROM d.size_bytes)
    AND (a.event_count IS NULL OR a.event_count IS NOT DISTINCT FROM d.event_count)
    AND (a.checksum IS NULL OR a.checksum IS NOT DISTINCT FROM d.checksum))`;

/** A checksum that is new, or of another algorithm, contradicts nothing on record. */
export const CONTRADICTS = `NOT ((a.size_bytes IS NULL OR a.size_bytes IS NOT DISTINCT FROM d.size_bytes)
    AND (a.event_count IS NULL OR a.event_count IS NOT DISTINCT FROM d.event_count)
    AND (a.checksum IS NULL OR d.checksum IS NULL OR a.checksum = d.checksum
      OR split_part(a.checksum, ':', 1) <> split_part(d.checksum, ':', 1)))`;

/** Count the differences. */
export async function summarize(tx: Knex, dataset: DatasetRow): Promise<Omit<MembersSummary, 'arriving'>> {
  const { rows } = await tx.raw(
    `SELECT
       (SELECT count(*) FROM input_states WHERE dataset_id = :id AND retired_ms IS NULL) AS known,
       (SELECT count(DISTINCT name) FROM answer) AS answered,
       (SELECT count(*) FROM (SELECT name FROM answer EXCEPT SELECT name FROM file_details
          WHERE dataset_id = :id AND kind = 'input') n) AS added,
       (SELECT count(*) FROM ${KNOWN} WHERE s.dataset_id = :id AND s.retired_ms IS NULL
          AND NOT EXISTS (SELECT 1 FROM answer a WHERE a.name = d.name)) AS gone,
       (SELECT count(*) FROM ${KNOWN} JOIN answer a ON a.name = d.name
          WHERE s.dataset_id = :id AND s.state IN ${CORRECTABLE} AND ${DIFFERS}) AS corrected,
       (SELECT count(*) FROM ${KNOWN} JOIN answer a ON a.name = d.name
          WHERE s.dataset_id = :id AND s.state NOT IN ${CORRECTABLE} AND ${CONTRADICTS}) AS contradicted,
       (SELECT min(name) FROM (SELECT name FROM answer GROUP BY name HAVING count(*) > 1) t) AS twice`,
    { id: dataset.id },
  );
  return rows[0];
}
