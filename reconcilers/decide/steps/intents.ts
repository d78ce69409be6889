/** What is written before a step is taken: the rows that name what it will create (law 2). */

import type { PassContext } from '../../model/context.ts';
import { type Finding, patchInput, patchOutput } from '../../model/findings.ts';
import { attemptPath, inFolder, submissionName } from '../../model/names.ts';
import type { JobRow, SubmissionRow } from '../../model/rows.ts';
import type { Step, StepKind } from '../../model/steps.ts';
import type { Standing } from '../change/change-of.ts';

/** The findings that go with the intents of steps. */
export function intend(context: PassContext, steps: readonly Step[], standing: Standing): readonly Finding[] {
  return steps.flatMap((step) => (INTENTS[step.kind] as Intent<StepKind>)(context, step, standing));
}

type Intent<K extends StepKind> = (
  context: PassContext,
  step: Step<K>,
  standing: Standing,
) => readonly Finding[];

/** The thing is named by its own row already: an accepted output, a copy, a submission. */
const none = () => [];

const INTENTS: { readonly [K in StepKind]: Intent<K> } = {
  transfer: intendMoves,
  copy: intendMoves,
  submit: intendJobs,
  archive: intendArchive,
  promote: none,
  quarantine: none,
  cancel: none,
  declare: none,
  locate: none,
  delete: none,
  release: none,
};

function intendArchive(context: PassContext, step: Step<'archive'>): readonly Finding[] {
  if (step.path !== null) return [];
  const submissions = step.submissions.map(({ id }) => id);
  const path = archivePath(context, step);
  return [{ on: 'archive', id: step.number ?? 0, store: step.store, path, submissions, stored: null }];
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
    intendedMs: context.now,
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

function intendMoves(
  context: PassContext,
  step: Step<'transfer' | 'copy'>,
  standing: Standing,
): readonly Finding[] {
  const driver = context.traits.movers.get(step.endpoint)?.driver ?? 'unknown';
  const row = submission(context, step, { driver, endpoint: step.endpoint });
  const jobs = step.moves.map((_, index) => newJob(row.id, index, driver, context.now));
  const attempts = step.moves.map((move, index) => {
    const file = step.kind === 'transfer' ? standing.input(move.fileId) : standing.output(move.fileId);
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
  return [
    { on: 'newSubmission', row, jobs, attempts },
    ...attempts.map(({ fileId, number }) => {
      const acted = { attempt: number, actedMs: context.now };
      return step.kind === 'transfer'
        ? patchInput(fileId, acted)
        : patchOutput(fileId, { ...acted, farPath: null, farStore: null });
    }),
  ];
}

function intendJobs(context: PassContext, step: Step<'submit'>, standing: Standing): readonly Finding[] {
  const { loaded } = context.dataset;
  const row = submission(context, step, { driver: context.traits.batch.driver, endpoint: null });
  const jobs = step.jobs.map((_, index) => newJob(row.id, index, loaded.spec.job.type, context.now));
  const attempts = step.jobs.flatMap((inputs, index) =>
    inputs.map(({ id }) => ({
      fileId: id,
      phase: step.phase,
      number: standing.input(id).attempt + 1,
      revision: loaded.revision,
      submissionId: row.id,
      jobIndex: index,
      path: null,
    })),
  );
  return [
    { on: 'newSubmission', row, jobs, attempts },
    ...attempts.map(({ fileId, number }) => patchInput(fileId, { attempt: number, actedMs: context.now })),
  ];
}
