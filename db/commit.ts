/**
 * Writing one change: a few statements for thousands of rows, each checking that
 * a row still is as it was read.
 */
import type { Knex } from 'knex';
import type { Change, ProblemChange } from '../reconcilers/model/change.ts';
import type { OutputRow } from '../reconcilers/model/rows.ts';
import {
  forgetLostOutputs,
  insertOutputs,
  updateDetails,
  updateInputs,
  updateOutputs,
} from './commit-files.ts';
import {
  endAttempts,
  insertAttempts,
  insertSubmissions,
  noteAttempts,
  updateSubmissions,
  upsertJobs,
} from './commit-work.ts';
import { insertClaims } from './places.ts';
import { writeScrubs } from './scrubs.ts';
import type { Stamp } from './stamp.ts';
import { reverseWaivers } from './waivers.ts';

/** Write a change in the caller's transaction. @returns the outputs it made */
export async function commit(tx: Knex, change: Change, stamp: Stamp): Promise<readonly OutputRow[]> {
  await insertClaims(tx, change, stamp);
  await insertSubmissions(tx, change, stamp);
  await updateInputs(tx, change);
  await updateDetails(tx, change);
  const made = await insertOutputs(tx, change.newOutputs, stamp);
  await updateOutputs(tx, change);
  await updateSubmissions(tx, change);
  await upsertJobs(tx, change);
  await insertAttempts(tx, change, stamp);
  await noteAttempts(tx, change);
  await endAttempts(tx, change, stamp);
  await forgetLostOutputs(tx, change);
  await insertTransitions(tx, change, made, stamp);
  await reverseWaivers(tx, change, stamp);
  await writeProblems(tx, change, stamp);
  await writeGates(tx, change, stamp);
  await writeArchives(tx, change, stamp);
  await writeScrubs(tx, change, stamp);
  return made;
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
  for (const problem of change.problems) {
    await writeProblem(tx, problem, { datasetId: dataset.id, phase, atMs });
  }
}

/** Write a problem that is open or over; one that is told again stays the one it was. */
export async function writeProblem(
  tx: Knex,
  { kind, fileId, problem }: ProblemChange,
  { datasetId, phase, atMs }: { readonly datasetId: number; readonly phase: string; readonly atMs: number },
): Promise<void> {
  await tx.raw(
    problem === null
      ? `UPDATE problems SET cleared_ms = :at
         WHERE dataset_id = :dataset AND kind = :kind AND COALESCE(file_id, 0) = COALESCE(CAST(:file AS bigint), 0) AND cleared_ms IS NULL`
      : `INSERT INTO problems (dataset_id, file_id, phase, class, kind, message, since_ms)
         VALUES (:dataset, :file, :phase, :class, :kind, :message, :at)
         ON CONFLICT (dataset_id, kind, COALESCE(file_id, 0)) WHERE cleared_ms IS NULL
         DO UPDATE SET message = EXCLUDED.message WHERE problems.message <> EXCLUDED.message`,
    {
      dataset: datasetId,
      file: fileId,
      kind,
      at: atMs,
      phase,
      class: problem?.class ?? null,
      message: problem?.message ?? '',
    },
  );
}

async function writeGates(tx: Knex, { gates }: Change, { dataset }: Stamp): Promise<void> {
  for (const { phase, gate } of gates) {
    if (gate === null) {
      await tx('gates').where({ dataset_id: dataset.id, phase }).delete();
      continue;
    }
    const { kind, message, tries, generation, sinceMs, retryAtMs } = gate;
    const row = { kind, message, tries, generation, since_ms: sinceMs, retry_at_ms: retryAtMs };
    await tx('gates')
      .insert({ dataset_id: dataset.id, phase, ...row })
      .onConflict(['dataset_id', 'phase'])
      .merge();
  }
}

async function writeArchives(tx: Knex, change: Change, { dataset, atMs }: Stamp): Promise<void> {
  for (const { id, store, path, submissions, stored } of change.archives) {
    if (stored === null) {
      const begun = { id, dataset_id: dataset.id, store, path, state: 'intended', made_ms: atMs };
      await tx('archives').insert(begun);
      // From now on they are in this one, and in no other.
      // One value with all numbers: a statement takes no more than 65,535 values.
      await tx.raw('UPDATE submissions SET archive_id = ? WHERE id = ANY(?)', [id, [...submissions]]);
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
  }
}
