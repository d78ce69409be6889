/** Writing what an answer about members says, where it is believed. */
import type { Knex } from 'knex';
import { FILE_MACHINE_VERSION } from '../../machines/file.ts';
import { BY_RULE } from '../../machines/model.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import { REVERSED, REVERSING } from '../waivers.ts';
import { CORRECTABLE, DIFFERS } from './compare.ts';

const OTHER_SIZE = 'a.size_bytes IS NOT NULL AND d.size_bytes IS NOT NULL AND a.size_bytes <> d.size_bytes';

/** Add members that are new, and correct those that may still be corrected. */
export async function write(tx: Knex, dataset: DatasetRow, nowMs: number): Promise<void> {
  const values = { id: dataset.id, now: nowMs, version: FILE_MACHINE_VERSION };
  await tx.raw(
    `WITH d AS (INSERT INTO file_details (dataset_id, kind, name, data_tier, run, size_bytes, event_count, checksum,
         source_store, source_path, created_ms)
       SELECT DISTINCT ON (name) CAST(:id AS bigint), 'input', name, COALESCE(data_tier, 'raw'), run, size_bytes, event_count, checksum,
         source_store, source_path, CAST(:now AS bigint) FROM answer ORDER BY name
       ON CONFLICT (dataset_id, name) WHERE kind = 'input' DO NOTHING RETURNING id)
     INSERT INTO input_states (file_id, dataset_id, state, since_ms, machine_version)
     SELECT id, CAST(:id AS bigint), 'pending', CAST(:now AS bigint), CAST(:version AS smallint) FROM d`,
    values,
  );
  await correct(tx, dataset, nowMs);
  // A spec may say only later how a name tells the run; a copy whose place is named for it stays where it is.
  await tx.raw(
    `UPDATE file_details d SET run = a.run FROM input_states s, answer a
     WHERE s.file_id = d.id AND a.name = d.name AND s.dataset_id = :id AND s.state IN ${CORRECTABLE}
       AND d.run IS NULL AND a.run IS NOT NULL AND (s.copy_path IS NULL OR s.copy_path = d.source_path)`,
    values,
  );
}

/** Correct size, count and checksum where they may still be corrected. */
export async function correct(tx: Knex, { id }: DatasetRow, now: number): Promise<void> {
  await tx.raw(CORRECT, { id, now });
}

/**
 * What was counted of other bytes says nothing of these. A file that could not be brought,
 * or failed its check, is tried again at once: what it was held against has changed. What was
 * waived was another file.
 */
const CORRECT = `
WITH corrected AS (
  UPDATE file_details d SET size_bytes = COALESCE(a.size_bytes, d.size_bytes),
    event_count = COALESCE(a.event_count, CASE WHEN ${OTHER_SIZE} THEN NULL ELSE d.event_count END),
    checksum = COALESCE(a.checksum, CASE WHEN ${OTHER_SIZE} THEN NULL ELSE d.checksum END),
    seen_checksum = CASE WHEN ${OTHER_SIZE} THEN NULL ELSE d.seen_checksum END
  FROM input_states s, answer a WHERE s.file_id = d.id AND a.name = d.name AND s.dataset_id = :id
    AND s.state IN ${CORRECTABLE} AND ${DIFFERS}
  RETURNING d.id),
waived AS (
  SELECT w.* FROM corrected c JOIN input_states s ON s.file_id = c.id JOIN waivers w ON w.id = s.waiver_id),
reversed AS (
  INSERT INTO waivers (${REVERSED})
  SELECT ${REVERSING}, '${BY_RULE}', 'what the file is said to be was corrected', CAST(:now AS bigint) FROM waived w)
UPDATE input_states s SET waiver_id = NULL,
  retry_at_ms = CASE WHEN s.phase IN ('transfer', 'verify') THEN CAST(:now AS bigint) ELSE s.retry_at_ms END
FROM corrected c WHERE s.file_id = c.id AND s.state = 'error' AND (s.phase IN ('transfer', 'verify') OR s.waiver_id IS NOT NULL)`;

/** Retire members that the answer no longer names, and take back those it names again. */
export async function retire(tx: Knex, dataset: DatasetRow, now: number): Promise<void> {
  await tx.raw(
    `UPDATE input_states s SET retired_ms = CASE WHEN EXISTS (SELECT 1 FROM answer a WHERE a.name = d.name) THEN NULL ELSE CAST(:now AS bigint) END
     FROM file_details d WHERE d.id = s.file_id AND s.dataset_id = :id
       AND (s.retired_ms IS NULL) <> EXISTS (SELECT 1 FROM answer a WHERE a.name = d.name)`,
    { id: dataset.id, now },
  );
}
