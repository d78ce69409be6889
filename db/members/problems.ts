/** The problems that an answer about members opens and closes. */
import type { Knex } from 'knex';
import { CATALOG_CONTRADICTS, SOURCE_CONTRADICTS } from '../../machines/problems.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import { CONTRADICTS, CORRECTABLE, KNOWN } from './compare.ts';

const said = (of: 'a' | 'd') =>
  `COALESCE(${of}.size_bytes::text, 'unknown') || ' bytes' || CASE WHEN a.event_count IS NULL THEN ''
     ELSE ', ' || COALESCE(${of}.event_count::text, 'unknown') || ' events' END
     || CASE WHEN a.checksum IS NULL OR d.checksum IS NULL OR a.checksum = d.checksum THEN '' ELSE ', ' || ${of}.checksum END`;

/** What is told of a file that is verified, in terms of what the answer knows; and the way out. */
const CONTRADICTION = `CAST(:who AS text) || ' now says ' || ${said('a')} || '; verified with ' || ${said('d')}
  || ': put that right, or take the file as it is now by: rereco clean ' || d.name`;

/** What is verified in place, and is looked at once more though nobody has named it anew. */
const IN_PLACE = `s.state IN ('running', 'done', 'copied') AND s.retired_ms IS NULL AND s.copy_path IS NOT NULL
  AND d.source_store = CAST(:store AS text) AND d.source_path = s.copy_path`;

const CONTRADICTED = (of: string) => `
  SELECT CAST(:id AS bigint), d.id, 'verify', 'data', CAST(:kind AS text), ${CONTRADICTION}, CAST(:now AS bigint)
  FROM ${KNOWN} JOIN answer a ON a.name = d.name
  WHERE s.dataset_id = :id AND ${of} AND ${CONTRADICTS}`;

const OPEN = 'INSERT INTO problems (dataset_id, file_id, phase, class, kind, message, since_ms)';
const ONCE = `ON CONFLICT (dataset_id, kind, COALESCE(file_id, 0)) WHERE cleared_ms IS NULL
  DO UPDATE SET message = EXCLUDED.message WHERE problems.message <> EXCLUDED.message`;

/** Files that were processed in place and have another size now, by what a staged answer says of them. @returns how many */
export async function writeChanged(tx: Knex, { id, loaded }: DatasetRow, now: number): Promise<number> {
  const { store } = loaded.spec.input;
  const values = { id, now, store, kind: SOURCE_CONTRADICTS, who: 'its store' };
  await tx.raw(`${OPEN} ${CONTRADICTED(IN_PLACE)} ${ONCE}`, values);
  await tx.raw(
    `UPDATE problems p SET cleared_ms = CAST(:now AS bigint) FROM ${KNOWN} LEFT JOIN answer a ON a.name = d.name
     WHERE p.dataset_id = :id AND p.file_id = d.id AND p.kind = :kind AND p.cleared_ms IS NULL
       AND (NOT (${IN_PLACE}) OR (a.name IS NOT NULL AND NOT (${CONTRADICTS})))`,
    values,
  );
  const { rows } = await tx.raw(
    'SELECT count(*) AS files FROM problems WHERE dataset_id = :id AND kind = :kind AND since_ms = :now',
    values,
  );
  return rows[0].files;
}

/** Names and places of files that were processed in place, in pages. */
export async function* namesInPlace(
  knex: Knex,
  { id, loaded }: DatasetRow,
): AsyncGenerator<readonly { readonly name: string; readonly path: string }[]> {
  const values = { id, store: loaded.spec.input.store, limit: FILES_A_PAGE };
  for (let after = 0; ; ) {
    const { rows } = await knex.raw(
      `SELECT d.id, d.name, s.copy_path AS path FROM ${KNOWN}
       WHERE s.dataset_id = :id AND s.file_id > :after AND ${IN_PLACE} ORDER BY s.file_id LIMIT :limit`,
      { ...values, after },
    );
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1).id;
  }
}

const FILES_A_PAGE = 10_000;

/** Retired and contradicted files are told of, one open problem each, closed when it is over. */
export async function writeProblems(tx: Knex, dataset: DatasetRow, now: number): Promise<void> {
  const isListed = dataset.loaded.spec.input.source.kind === 'files';
  const who = isListed ? 'its store' : 'the catalog';
  const values = { id: dataset.id, now, kind: CATALOG_CONTRADICTS, who };
  const verified = `s.retired_ms IS NULL AND s.state NOT IN ${CORRECTABLE}`;
  await tx.raw(
    `${OPEN} ${CONTRADICTED(verified)}
     UNION ALL
     SELECT CAST(:id AS bigint), d.id, 'transfer', NULL, 'file retired', 'the input no longer names this file; ' || CASE
       WHEN s.state IN ('done', 'copied') THEN 'it was processed before, and what was made of it stays'
       WHEN s.state = 'running' THEN 'its job is followed to its end, and it gets no new work'
       ELSE 'it gets no new work' END, CAST(:now AS bigint)
     FROM ${KNOWN} WHERE s.dataset_id = :id AND s.retired_ms IS NOT NULL
     ${ONCE}`,
    values,
  );
  await tx.raw(
    `UPDATE problems p SET cleared_ms = CAST(:now AS bigint) FROM ${KNOWN} LEFT JOIN answer a ON a.name = d.name
     WHERE p.dataset_id = :id AND p.file_id = d.id AND p.cleared_ms IS NULL AND (
       (p.kind = 'file retired' AND s.retired_ms IS NULL)
       OR (p.kind = :kind AND (s.retired_ms IS NOT NULL OR (a.name IS NOT NULL AND NOT (${CONTRADICTS})))))`,
    values,
  );
}
