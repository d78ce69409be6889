/** What is written before a step is taken: the rows that name what it will create (law 2). */
import type { PassContext } from '../../model/context.ts';
import { attemptPath, inFolder, submissionName } from '../../model/names.ts';
import type { JobRow, SubmissionRow } from '../../model/rows.ts';
import type { Step } from '../../model/steps.ts';
import type { Draft } from '../draft/draft.ts';

/** Put the intents of steps into the page's writing. */
export function intend(context: PassContext, steps: readonly Step[], draft: Draft): void {
  for (const step of steps) {
    switch (step.kind) {
      case 'transfer':
      case 'copy':
        intendMoves(context, step, draft);
        break;
      case 'submit':
        intendJobs(context, step, draft);
        break;
      case 'archive':
        if (step.path === null) {
          draft.archive({
            id: step.number ?? 0,
            store: step.store,
            path: archivePath(context, step),
            submissions: step.submissions.map(({ id }) => id),
            stored: null,
          });
        }
        break;
      default:
        // The thing is named by its own row already: an accepted output, a copy, a submission.
        break;
    }
  }
}

/** Where a tar of logs goes. */
export function archivePath(
  context: Pick<PassContext, 'dataset' | 'installation'>,
  step: Step<'archive'>,
): string {
  return step.path ?? inFolder(step.folder, `${nameOf(context, step)}.tar`);
}

/** The name of what a numbered step creates. */
export function nameOf(
  { dataset, installation }: Pick<PassContext, 'dataset' | 'installation'>,
  step: { readonly number: number | null },
): string {
  return submissionName(dataset.requestId, installation, step.number ?? 0);
}

function submission(
  context: PassContext,
  step: Step<'transfer' | 'copy' | 'submit'>,
  made: Pick<SubmissionRow, 'driver' | 'endpoint'>,
  draft: Draft,
): SubmissionRow {
  return {
    id: step.number ?? 0,
    name: nameOf(context, step),
    phase: step.phase,
    generation: context.dataset.generation,
    site: context.dataset.loaded.site.name,
    ...made,
    state: 'intended',
    systemId: null,
    intendedMs: draft.now,
    acceptedMs: null,
  };
}

/** A job as it is before anything is known of it. */
function newJob(submissionId: number, index: number, type: string, now: number): JobRow {
  return {
    submissionId,
    index,
    type,
    status: 'pending',
    refSubmissionId: null,
    refIndex: null,
    refKind: null,
    sinceMs: now,
    exitCode: null,
    signal: null,
    batchState: null,
    stuck: null,
    node: null,
    processor: null,
    cpuMs: null,
    wallMs: null,
    peakMemoryBytes: null,
    absentMs: null,
    absentSeen: 0,
    silentMs: null,
    silentTold: false,
  };
}

function intendMoves(context: PassContext, step: Step<'transfer' | 'copy'>, draft: Draft): void {
  const driver = context.traits.movers.get(step.endpoint)?.driver ?? 'unknown';
  const row = submission(context, step, { driver, endpoint: step.endpoint }, draft);
  const jobs = step.moves.map((_, index) => newJob(row.id, index, driver, draft.now));
  const attempts = step.moves.map((move, index) => {
    const file = step.kind === 'transfer' ? draft.input(move.fileId) : draft.output(move.fileId);
    return {
      fileId: move.fileId,
      phase: step.phase,
      number: file.attempt + 1,
      revision: 'key' in file ? file.revision : '',
      submissionId: row.id,
      jobIndex: index,
      path: attemptPath(row.name, move.name),
    };
  });
  draft.openSubmission(row, jobs, attempts);
  for (const attempt of attempts) {
    const acted = { attempt: attempt.number, actedMs: draft.now };
    if (step.kind === 'transfer') draft.touch(attempt.fileId, acted);
    else draft.touchOutput(attempt.fileId, { ...acted, farPath: null, farStore: null });
  }
}

function intendJobs(context: PassContext, step: Step<'submit'>, draft: Draft): void {
  const { loaded } = context.dataset;
  const row = submission(context, step, { driver: context.traits.batch.driver, endpoint: null }, draft);
  const jobs = step.jobs.map((_, index) => newJob(row.id, index, loaded.spec.job.type, draft.now));
  const attempts = step.jobs.flatMap((inputs, index) =>
    inputs.map(({ id }) => ({
      fileId: id,
      phase: step.phase,
      number: draft.input(id).attempt + 1,
      revision: loaded.revision,
      submissionId: row.id,
      jobIndex: index,
      path: null,
    })),
  );
  draft.openSubmission(row, jobs, attempts);
  for (const attempt of attempts) {
    draft.touch(attempt.fileId, { attempt: attempt.number, actedMs: draft.now });
  }
}
