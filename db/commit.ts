/**
 * Writing one change: a few statements for thousands of rows, each checking that
 * a row still is as it was read.
 */
import type { Knex } from 'knex';
import { OUTPUT_MACHINE_VERSION } from '../machines/output.ts';
import type { Change, NewOutput } from '../reconcilers/decide/change.ts';
import type { DatasetRow, OutputRow } from '../reconcilers/decide/rows.ts';
import { COLUMNS, WRITTEN } from './rows.ts';

export interface Stamp {
  readonly dataset: DatasetRow;
  readonly phase: string;
  readonly holder: string;
  readonly epoch: number;
  readonly atMs: number;
}

/** A row was not as it was read, though nobody else may write it: the transaction is undone. */
export class StaleRow extends Error {
  override readonly name = 'StaleRow';
}

/** Write a change in the caller's transaction. @returns the outputs it made */
export async function commit(tx: Knex, change: Change, stamp: Stamp): Promise<readonly OutputRow[]> {
  await insertSubmissions(tx, change, stamp);
  await updateRows(
    tx,
    { table: 'input_states', key: 'file_id', ...FILE_ROWS },
    WRITTEN.inputState,
    change.inputs,
  );
  await updateDetails(tx, change);
  const made = await insertOutputs(tx, change.newOutputs, stamp);
  await updateRows(
    tx,
    { table: 'output_states', key: 'file_id', ...FILE_ROWS },
    WRITTEN.outputState,
    change.outputs,
  );
  await updateRows(
    tx,
    { table: 'submissions', key: 'id', asRead: ['state'] },
    WRITTEN.submission,
    change.submissions,
  );
  await upsertJobs(tx, change);
  await insertAttempts(tx, change, stamp);
  await noteAttempts(tx, change);
  await endAttempts(tx, change, stamp);
  await forgetLostOutputs(tx, change);
  await insertTransitions(tx, change, made, stamp);
  await writeProblems(tx, change, stamp);
  await writeArchives(tx, change, stamp);
  if (change.swept.length > 0) {
    await tx.raw('UPDATE submissions SET swept_ms = ? WHERE name = ANY(?)', [stamp.atMs, [...change.swept]]);
  }
  return made;
}

interface Row {
  readonly id: number;
  readonly state: string;
}

interface Target {
  readonly table: string;
  readonly key: string;
  /** Columns that must still be as they were read. */
  readonly asRead: readonly string[];
}

/**
 * Two phases may come upon one file at once, each under its own lease. The state
 * alone does not tell them apart: an intent leaves it as it is, and raises the
 * attempt.
 */
const FILE_ROWS = { asRead: ['state', 'attempt', 'acted_ms'] } as const;

/**
 * Write the columns of rows by number, where they still are as they were read.
 *
 * One statement with the rows as JSON: every row may have values of its own.
 */
async function updateRows<R extends Row>(
  tx: Knex,
  { table, key, asRead }: Target,
  columns: ReadonlyMap<string, string>,
  changed: readonly { readonly before: R; readonly after: R }[],
): Promise<void> {
  if (changed.length === 0) return;
  const written = [...columns].filter(([, column]) => column !== key);
  const lineOf = (row: R, among: typeof written) =>
    Object.fromEntries(among.map(([field, column]) => [column, row[field as keyof R]]));
  const compared = written.filter(([, column]) => asRead.includes(column));
  const lines = changed.map(({ before, after }) => ({
    id: before.id,
    was: lineOf(before, compared),
    line: { [key]: before.id, ...lineOf(after, written) },
  }));
  const sets = written.map(([, column]) => `${column} = v.${column}`).join(', ');
  const same = asRead.map((column) => `AND t.${column}::text = v.was ->> '${column}'`).join(' ');
  const { rowCount } = await tx.raw(
    `UPDATE ${table} t SET ${sets}
     FROM (SELECT r.*, j.was FROM jsonb_to_recordset(?::jsonb) AS j(id bigint, was jsonb, line jsonb),
             LATERAL jsonb_populate_record(NULL::${table}, j.line) AS r) v
     WHERE t.${key} = v.${key} ${same}`,
    [JSON.stringify(lines)],
  );
  if (rowCount !== changed.length) {
    throw new StaleRow(`${changed.length - Number(rowCount)} rows of ${table} changed under the pass`);
  }
}

async function updateDetails(tx: Knex, { details }: Change): Promise<void> {
  if (details.length === 0) return;
  await tx.raw(
    `UPDATE file_details d SET size_bytes = v."sizeBytes", event_count = v."eventCount", checksum = v.checksum
     FROM jsonb_to_recordset(?::jsonb) AS v("fileId" bigint, "sizeBytes" bigint, "eventCount" bigint, checksum text)
     WHERE d.id = v."fileId"`,
    [JSON.stringify(details)],
  );
}

async function insertSubmissions(tx: Knex, change: Change, { dataset }: Stamp): Promise<void> {
  const rows = change.newSubmissions.map((row) => ({
    ...Object.fromEntries(
      [...WRITTEN.submission].map(([field, column]) => [column, row[field as keyof typeof row]]),
    ),
    dataset_id: dataset.id,
  }));
  if (rows.length > 0) await tx.batchInsert('submissions', rows, 1000);
}

async function upsertJobs(tx: Knex, change: Change): Promise<void> {
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
async function insertAttempts(tx: Knex, change: Change, { dataset, atMs }: Stamp): Promise<void> {
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

async function noteAttempts(tx: Knex, { attemptNotes }: Change): Promise<void> {
  if (attemptNotes.length === 0) return;
  await tx.raw(
    `UPDATE attempts a SET events_read = v."eventsRead", events_skipped = v."eventsSkipped", skips = v.skips, cpu_ms = v."cpuMs"
     FROM live_attempts l JOIN jsonb_to_recordset(?::jsonb) AS v("fileId" bigint, revision text, phase text,
       "eventsRead" bigint, "eventsSkipped" bigint, skips jsonb, "cpuMs" bigint)
       ON v."fileId" = l.file_id AND v.revision = l.revision AND v.phase = l.phase
     WHERE a.id = l.attempt_id`,
    [JSON.stringify(attemptNotes.map(({ end, ...key }) => ({ ...key, ...end })))],
  );
}

/** End attempts, and close the submissions none of whose attempts are live any more. */
async function endAttempts(tx: Knex, change: Change, { atMs }: Stamp): Promise<void> {
  if (change.attemptEnds.length === 0) return;
  const values = change.attemptEnds.map(({ end, ...key }) => ({ ...key, ...end, ended: end.state }));
  await tx.raw(
    `WITH v AS (SELECT * FROM jsonb_to_recordset(?::jsonb) AS v("fileId" bigint, revision text, phase text, ended text,
         class text, signature text, reason text, "eventsRead" bigint, "eventsSkipped" bigint, skips jsonb, "cpuMs" bigint)),
       gone AS (DELETE FROM live_attempts l USING v
         WHERE l.file_id = v."fileId" AND l.revision = v.revision AND l.phase = v.phase RETURNING l.*)
     UPDATE attempts a SET state = v.ended, closed_ms = ?, class = v.class, signature = v.signature, reason = v.reason,
       events_read = COALESCE(v."eventsRead", a.events_read), events_skipped = COALESCE(v."eventsSkipped", a.events_skipped),
       skips = COALESCE(v.skips, a.skips), cpu_ms = COALESCE(v."cpuMs", a.cpu_ms)
     FROM gone JOIN v ON v."fileId" = gone.file_id AND v.revision = gone.revision AND v.phase = gone.phase
     WHERE a.id = gone.attempt_id`,
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

/** Law 3: the second accepted output of an input, revision and name fails here. */
async function insertOutputs(tx: Knex, outputs: readonly NewOutput[], stamp: Stamp): Promise<OutputRow[]> {
  if (outputs.length === 0) return [];
  const { rows } = await tx.raw(
    `WITH v AS (SELECT nextval('file_ids') AS id, v.* FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS v("inputId" bigint,
         key text, name text, "dataTier" text, run bigint, "sizeBytes" bigint, "eventCount" bigint, checksum text,
         revision text, "attemptId" bigint, store text, path text, "attemptPath" text, metadata jsonb)),
       d AS (INSERT INTO file_details (id, dataset_id, kind, name, data_tier, run, size_bytes, event_count, checksum,
           parent_id, output_key, revision, attempt_id, store, path, attempt_path, metadata, created_ms)
         SELECT id, CAST(:dataset AS bigint), 'output', name, "dataTier", run, "sizeBytes", "eventCount", checksum, "inputId", key,
           revision, "attemptId", store, path, "attemptPath", metadata, CAST(:at AS bigint) FROM v RETURNING *),
       c AS (INSERT INTO accepted_outputs (input_id, revision, output_key, output_id)
         SELECT parent_id, revision, output_key, id FROM d),
       s AS (INSERT INTO output_states (file_id, dataset_id, output_key, state, since_ms, acted_ms, machine_version)
         SELECT id, CAST(:dataset AS bigint), output_key, 'accepted', CAST(:at AS bigint), CAST(:at AS bigint), CAST(:version AS smallint) FROM d RETURNING *)
     SELECT ${COLUMNS.output} FROM d JOIN s ON s.file_id = d.id ORDER BY d.id`,
    {
      rows: JSON.stringify(outputs),
      dataset: stamp.dataset.id,
      at: stamp.atMs,
      version: OUTPUT_MACHINE_VERSION,
    },
  );
  return rows;
}

/** Losing accepted bytes deletes the acceptance, never the history. */
async function forgetLostOutputs(tx: Knex, change: Change): Promise<void> {
  const lost = change.outputs.filter(({ after }) => after.state === 'lost').map(({ after }) => after.id);
  if (lost.length > 0) await tx.raw('DELETE FROM accepted_outputs WHERE output_id = ANY(?)', [lost]);
}

async function insertTransitions(
  tx: Knex,
  change: Change,
  made: readonly OutputRow[],
  { dataset, phase, holder, epoch, atMs }: Stamp,
): Promise<void> {
  const moves = change.transitions.map(({ subject, ...rest }) => ({
    ...rest,
    file: subject.kind === 'file' ? subject.id : null,
    submission: subject.kind === 'job' ? subject.submissionId : null,
    index: subject.kind === 'job' ? subject.index : null,
  }));
  const births = made.map((output) => ({
    from: 'produced',
    to: 'accepted',
    phase: null,
    fact: 'output.accepted',
    because: 'the job passed every check',
    attempt: 0,
    file: output.id,
    submission: null,
    index: null,
  }));
  if (moves.length + births.length === 0) return;
  await tx.raw(
    `WITH pass AS (INSERT INTO passes (dataset_id, phase, holder, epoch, at_ms) VALUES (:dataset, :phase, :holder, :epoch, :at)
       RETURNING id)
     INSERT INTO transitions (dataset_id, file_id, submission_id, job_index, from_state, to_state, phase, fact, because,
       attempt, at_ms, pass_id)
     SELECT CAST(:dataset AS bigint), v.file, v.submission, v.index, v."from", v."to", v.phase, v.fact, v.because, v.attempt, CAST(:at AS bigint), pass.id
     FROM pass, jsonb_to_recordset(CAST(:rows AS jsonb)) AS v(file bigint, submission bigint, index int, "from" text, "to" text,
       phase text, fact text, because text, attempt int)`,
    { dataset: dataset.id, phase, holder, epoch, at: atMs, rows: JSON.stringify([...births, ...moves]) },
  );
}

async function writeProblems(tx: Knex, change: Change, { dataset, phase, atMs }: Stamp): Promise<void> {
  for (const { kind, fileId, problem } of change.problems) {
    await tx.raw(
      problem === null
        ? `UPDATE problems SET cleared_ms = :at
           WHERE dataset_id = :dataset AND kind = :kind AND COALESCE(file_id, 0) = COALESCE(CAST(:file AS bigint), 0) AND cleared_ms IS NULL`
        : `INSERT INTO problems (dataset_id, file_id, phase, class, kind, message, since_ms)
           VALUES (:dataset, :file, :phase, :class, :kind, :message, :at)
           ON CONFLICT (dataset_id, kind, COALESCE(file_id, 0)) WHERE cleared_ms IS NULL
           DO UPDATE SET message = EXCLUDED.message WHERE problems.message <> EXCLUDED.message`,
      {
        dataset: dataset.id,
        file: fileId,
        kind,
        at: atMs,
        phase,
        class: problem?.class ?? null,
        message: problem?.message ?? '',
      },
    );
  }
}

async function writeArchives(tx: Knex, change: Change, { dataset, atMs }: Stamp): Promise<void> {
  for (const { id, store, path, stored } of change.archives) {
    if (stored === null) {
      await tx('archives').insert({
        id,
        dataset_id: dataset.id,
        store,
        path,
        state: 'intended',
        made_ms: atMs,
      });
      continue;
    }
    await tx('archives')
      .where({ id })
      .update({ state: 'stored', size_bytes: stored.sizeBytes, checksum: stored.checksum });
    const rows = [...stored.entries].map(([submissionId, names]) => ({
      submission_id: submissionId,
      archive_id: id,
      entries: JSON.stringify(names),
    }));
    await tx.batchInsert('archived_submissions', rows, 1000);
    await tx('submissions')
      .whereIn('id', [...stored.entries.keys()])
      .update({ archive_id: id });
  }
}
