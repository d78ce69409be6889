/** The problems that an answer about members opens and closes. */
import type { Knex } from 'knex';
import type { DatasetRow } from '../../reconcilers/decide/rows.ts';
import { CONTRADICTS, CORRECTABLE, KNOWN } from './compare.ts';

const said = (of: 'a' | 'd') =>
  `COALESCE(${of}.size_bytes::text, 'unknown') || ' bytes' || CASE WHEN a.event_count IS NULL THEN ''
     ELSE ', ' || COALESCE(${of}.event_count::text, 'unknown') || ' events' END
     || CASE WHEN a.checksum IS NULL OR d.checksum IS NULL OR a.checksum = d.checksum THEN '' ELSE ', ' || ${of}.checksum END`;

/** What is told of a file that is verified, in terms of what the answer knows; and the way out. */
const CONTRADICTION = `CAST(:who AS text) || ' now says ' || ${said('a')} || '; verified with ' || ${said('d')}
  || ': put that right, or take the file as it is now by: rereco clean ' || d.name`;

/** Retired and contradicted files are told of, one open problem each, closed when it is over. */
export async function writeProblems(tx: Knex, dataset: DatasetRow, now: number): Promise<void> {
  const isListed = dataset.loaded.spec.input.source.kind === 'files';
  const values = { id: dataset.id, now, who: isListed ? 'its store' : 'the catalog' };
  await tx.raw(
    `INSERT INTO problems (dataset_id, file_id, phase, class, kind, message, since_ms)
     SELECT CAST(:id AS bigint), d.id, 'verify', 'data', 'catalog contradicts', ${CONTRADICTION}, CAST(:now AS bigint)
     FROM ${KNOWN} JOIN answer a ON a.name = d.name
     WHERE s.dataset_id = :id AND s.retired_ms IS NULL AND s.state NOT IN ${CORRECTABLE} AND ${CONTRADICTS}
     UNION ALL
     SELECT CAST(:id AS bigint), d.id, 'transfer', NULL, 'file retired', 'the input no longer names this file; ' || CASE
       WHEN s.state IN ('done', 'copied') THEN 'it was processed before, and what was made of it stays'
       WHEN s.state = 'running' THEN 'its job is followed to its end, and it gets no new work'
       ELSE 'it gets no new work' END, CAST(:now AS bigint)
     FROM ${KNOWN} WHERE s.dataset_id = :id AND s.retired_ms IS NOT NULL
     ON CONFLICT (dataset_id, kind, COALESCE(file_id, 0)) WHERE cleared_ms IS NULL
     DO UPDATE SET message = EXCLUDED.message WHERE problems.message <> EXCLUDED.message`,
    values,
  );
  await tx.raw(
    `UPDATE problems p SET cleared_ms = CAST(:now AS bigint) FROM ${KNOWN} LEFT JOIN answer a ON a.name = d.name
     WHERE p.dataset_id = :id AND p.file_id = d.id AND p.cleared_ms IS NULL AND (
       (p.kind = 'file retired' AND s.retired_ms IS NULL)
       OR (p.kind = 'catalog contradicts' AND (s.retired_ms IS NOT NULL OR (a.name IS NOT NULL AND NOT (${CONTRADICTS})))))`,
    values,
  );
}
