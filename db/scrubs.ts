/** Which outputs are due to be read again, and what came of it. */
import type { Knex } from 'knex';
import type { Change } from '../reconcilers/model/change.ts';
import type { DatasetRow, Page } from '../reconcilers/model/rows.ts';
import type { PageScope } from '../reconcilers/model/scope.ts';
import type { Stamp } from './stamp.ts';

/** Outputs of inputs that are done under the same revision, with no trouble of their own. */
const COUNTING = `s.state = ANY(:states) AND s.class IS NULL AND d.checksum IS NOT NULL
  AND i.state IN ('done', 'copied') AND i.revision = d.revision
  AND (cardinality(CAST(:keys AS text[])) = 0 OR s.output_key = ANY(:keys))`;

/** Every output of the dataset, also those that were never looked at, by when they were accepted. */
const ALL = `SELECT s.file_id AS id FROM output_states s JOIN file_details d ON d.id = s.file_id
  JOIN input_states i ON i.file_id = d.parent_id LEFT JOIN scrubs c ON c.file_id = s.file_id
  WHERE s.dataset_id = :dataset AND ${COUNTING}
    AND (c.due_ms <= :now OR COALESCE(c.looked_ms, d.created_ms) <= :before)
  ORDER BY COALESCE(c.due_ms, d.created_ms), s.file_id LIMIT :limit`;

/** Those that were looked at before: an index has them by when they are due. */
const KNOWN = `SELECT s.file_id AS id FROM scrubs c JOIN output_states s ON s.file_id = c.file_id
  JOIN file_details d ON d.id = s.file_id JOIN input_states i ON i.file_id = d.parent_id
  WHERE c.dataset_id = :dataset AND c.due_ms <= :now AND ${COUNTING}
  ORDER BY c.due_ms, s.file_id LIMIT :limit`;

/** Read which outputs are due, and how many bytes the site has read on that day. */
export async function readScrub(
  knex: Knex,
  dataset: DatasetRow,
  { states, keys, dueMs }: PageScope,
  { everyMs, day, atMost, all }: NonNullable<PageScope['scrub']>,
): Promise<NonNullable<Page['scrub']>> {
  const due = await knex.raw(all ? ALL : KNOWN, {
    dataset: dataset.id,
    states: [...states],
    keys: [...keys],
    now: dueMs,
    limit: atMost,
    ...(all ? { before: dueMs - everyMs } : {}),
  });
  const site = dataset.loaded.site.name;
  const today = await knex('scrub_days').where({ site, day }).first('bytes');
  return { due: due.rows.map((row: { id: number }) => row.id), readToday: today?.bytes ?? 0 };
}

const DAY_MS = 86_400_000;

/** Write when outputs were looked at, and add what was read to its day. */
export async function writeScrubs(tx: Knex, { scrubs }: Change, { dataset }: Stamp): Promise<void> {
  const [first] = scrubs;
  if (first === undefined) return;
  await tx.raw(
    `INSERT INTO scrubs (file_id, dataset_id, looked_ms, due_ms, result)
     SELECT v."fileId", CAST(:dataset AS bigint), v."lookedMs", v."dueMs", v.result
     FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS v("fileId" bigint, "lookedMs" bigint, "dueMs" bigint, result text)
     ON CONFLICT (file_id) DO UPDATE SET looked_ms = EXCLUDED.looked_ms, due_ms = EXCLUDED.due_ms, result = EXCLUDED.result`,
    { dataset: dataset.id, rows: JSON.stringify(scrubs) },
  );
  const bytes = scrubs.reduce((sum, scrub) => sum + scrub.bytes, 0);
  if (bytes === 0) return;
  await tx.raw(
    `INSERT INTO scrub_days AS t (site, day, bytes) VALUES (:site, :day, :bytes)
     ON CONFLICT (site, day) DO UPDATE SET bytes = t.bytes + EXCLUDED.bytes`,
    { site: dataset.loaded.site.name, day: Math.floor(first.lookedMs / DAY_MS), bytes },
  );
}
