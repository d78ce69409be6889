/** Writing work: submissions, their jobs, and the attempts of files. */
import type { Knex } from 'knex';
import type { Change } from '../reconcilers/model/change.ts';
import { WRITTEN } from './rows.ts';
import type { Stamp } from './stamp.ts';
import { updateRows } from './update-rows.ts';

/** Write the intents of submissions. */
export async function insertSubmissions(tx: Knex, change: Change, { dataset }: Stamp): Promise<void> {
  const rows = change.newSubmissions.map((row) => ({
    ...Object.fromEntries(
      [...WRITTEN.submission].map(([field, column]) => [column, row[field as keyof typeof row]]),
    ),
    dataset_id: dataset.id,
  }));
  if (rows.length > 0) await tx.batchInsert('submissions', rows, 1000);
}

/** Write submissions that changed; one belongs to one phase, so its state tells whether it still is as read. */
export async function updateSubmissions(tx: Knex, { submissions }: Change): Promise<void> {
  const target = { table: 'submissions', key: 'id', asRead: ['state'] };
  await updateRows(tx, target, WRITTEN.submission, submissions);
}

/** Write jobs, new and changed. */
export async function upsertJobs(tx: Knex, change: Change): Promise<void> {
  if (change.jobs.length === 0) return;
  const columns = [...WRITTEN.job.values()];
  const rows = change.jobs.map((row) =>
    Object.fromEntries([...WRITTEN.job].map(([field, column]) => [column, row[field as keyof typeof row]])),
  );
  await tx.raw(
    `INSERT INTO submission_jobs (${columns.join(', ')})
     SELECT ${columns.join(', ')} FROM jsonb_populate_recordset(NULL::submission_jobs, ?::jsonb)
     ON CONFLICT (submission_id, index) DO UPDATE SET ${columns
       .slice(2)
       .map((column) => `${column} = EXCLUDED.${column}`)
       .join(', ')}`,
    [JSON.stringify(rows)],
  );
}

/** Law 3: the second live attempt of a file, revision and phase fails here, whatever the code above thinks. */
export async function insertAttempts(tx: Knex, change: Change, { dataset, atMs }: Stamp): Promise<void> {
  if (change.newAttempts.length === 0) return;
  await tx.raw(
    `WITH opened AS (
       INSERT INTO attempts (file_id, dataset_id, phase, number, revision, submission_id, job_index, path, state, opened_ms)
       SELECT v."fileId", ?::bigint, v.phase, v.number, v.revision, v."submissionId", v."jobIndex", v.path, 'live', ?::bigint
       FROM jsonb_to_recordset(?::jsonb) AS v("fileId" bigint, phase text, number int, revision text,
         "submissionId" bigint, "jobIndex" int, path text)
       RETURNING id, file_id, revision, phase, submission_id)
     INSERT INTO live_attempts (file_id, dataset_id, revision, phase, attempt_id, submission_id)
     SELECT file_id, ?::bigint, revision, phase, id, submission_id FROM opened`,
    [dataset.id, atMs, JSON.stringify(change.newAttempts), dataset.id],
  );
}

/** Write what is known of live attempts before they end. */
export async function noteAttempts(tx: Knex, { attemptNotes }: Change): Promise<void> {
  if (attemptNotes.length === 0) return;
  await tx.raw(
    `UPDATE attempts a SET events_read = v."eventsRead", events_skipped = v."eventsSkipped", skips = v.skips, cpu_ms = v."cpuMs",
       reason = v.reason, input_checksum = v."inputChecksum"
     FROM live_attempts l JOIN jsonb_to_recordset(?::jsonb) AS v("fileId" bigint, revision text, phase text,
       "eventsRead" bigint, "eventsSkipped" bigint, skips jsonb, "cpuMs" bigint, reason text, "inputChecksum" text)
       ON v."fileId" = l.file_id AND v.revision = l.revision AND v.phase = l.phase
     WHERE a.id = l.attempt_id`,
    [JSON.stringify(attemptNotes.map(({ end, ...key }) => ({ ...key, ...end })))],
  );
}

/** End attempts, and close the submissions none of whose attempts are live any more. */
export async function endAttempts(tx: Knex, change: Change, { atMs }: Stamp): Promise<void> {
  if (change.attemptEnds.length === 0) return;
  const values = change.attemptEnds.map(({ end, ...key }) => ({ ...key, ...end, ended: end.state }));
  // What is to be written comes along with what is deleted: joined once more, by three
  // columns of which the planner thinks that few rows agree in them, it looks at every pair.
  await tx.raw(
    `WITH v AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(?::jsonb) AS v("fileId" bigint, revision text, phase text,
         ended text, class text, signature text, reason text, "eventsRead" bigint, "eventsSkipped" bigint, skips jsonb,
         "cpuMs" bigint, "inputChecksum" text)),
       gone AS (DELETE FROM live_attempts l USING v
         WHERE l.file_id = v."fileId" AND l.revision = v.revision AND l.phase = v.phase RETURNING l.attempt_id, v.*)
     UPDATE attempts a SET state = g.ended, closed_ms = ?, class = g.class, signature = g.signature,
       reason = COALESCE(g.reason, a.reason),
       events_read = COALESCE(g."eventsRead", a.events_read), events_skipped = COALESCE(g."eventsSkipped", a.events_skipped),
       skips = COALESCE(g.skips, a.skips), cpu_ms = COALESCE(g."cpuMs", a.cpu_ms),
       input_checksum = COALESCE(g."inputChecksum", a.input_checksum)
     FROM gone g WHERE a.id = g.attempt_id`,
    [JSON.stringify(values), atMs],
  );
  await tx.raw(
    `UPDATE submissions b SET state = 'closed', closed_ms = ?
     WHERE b.state <> 'closed'
       AND b.id IN (SELECT submission_id FROM attempts WHERE file_id = ANY(?) AND closed_ms = ?)
       AND NOT EXISTS (SELECT 1 FROM live_attempts l WHERE l.submission_id = b.id)`,
    [atMs, values.map((value) => value.fileId), atMs],
  );
}
