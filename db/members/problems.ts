/** The problems that an answer about members opens and closes. */
import type { Knex } from 'knex';
import { CORRECTABLE, DIFFERS, KNOWN } from './compare.ts';

/** Retired and contradicted files are told of, one open problem each, closed when it is over. */
export async function writeProblems(
  tx: Knex,
  values: { readonly id: number; readonly now: number },
): Promise<void> {
  await tx.raw(
    `INSERT INTO problems (dataset_id, file_id, phase, class, kind, message, since_ms)
     SELECT CAST(:id AS bigint), d.id, 'verify', 'data', 'catalog contradicts', 'the catalog now says ' || COALESCE(a.size_bytes::text, 'unknown')
       || ' bytes and ' || COALESCE(a.event_count::text, 'unknown') || ' events; verified with ' || COALESCE(d.size_bytes::text, 'unknown')
       || ' and ' || COALESCE(d.event_count::text, 'unknown'), CAST(:now AS bigint)
     FROM ${KNOWN} JOIN answer a ON a.name = d.name
     WHERE s.dataset_id = :id AND s.state NOT IN ${CORRECTABLE} AND ${DIFFERS}
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
       OR (p.kind = 'catalog contradicts' AND (s.retired_ms IS NOT NULL OR (a.name IS NOT NULL AND NOT (${DIFFERS})))))`,
    values,
  );
}
