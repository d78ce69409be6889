/** Following a live job: from an intent to an accepted result, or to the reason why not. */
import type { JobEnd, JobSeen } from '../../ports/batch-system.ts';
import type { NewOutput } from '../change.ts';
import { judge, reportOf } from '../check.ts';
import type { PassContext } from '../context.ts';
import { wantedCopy, wantedOutputs } from '../desired.ts';
import type { Draft } from '../draft.ts';
import { type Failure, NO_TROUBLE } from '../failures.ts';
import { attemptPath } from '../names.ts';
import type { AttemptEnd, InputRow, OutputRow } from '../rows.ts';
import { look, type World } from '../seen.ts';
import { intentIsDead, isLost, keyOf, type LiveWork, noteAbsence, noteSeen } from './phase-rules.ts';
import { brokenCopy } from './verify-check.ts';

/** Move a file, its job and its submission by what was seen of them. @param its its outputs that count */
export function followJob(
  context: PassContext,
  its: readonly OutputRow[],
  input: InputRow,
  work: LiveWork,
  seen: World,
  draft: Draft,
): void {
  const { submission, attempt } = work;
  if (submission === undefined) return;
  if (acceptedOutputs(its, work).length > 0) {
    keepAccepted(its, input, work, seen, draft);
    return;
  }
  if (attempt.revision !== context.dataset.loaded.revision) {
    supersede(input, work, draft);
    return;
  }

  const answer = look(seen.jobs, submission.name, input.actedMs);
  if (answer.is === 'unknown') return;
  if (answer.is === 'absent') {
    absent(context, its, input, work, seen, draft);
    return;
  }

  noteSeen(draft, submission.id, answer.value.systemId, context.now);
  if (input.state === 'verified') {
    draft.find(input.id, {
      fact: { type: 'job.accepted' },
      because: `${context.traits.batch.driver} has ${submission.name} (${answer.value.systemId})`,
    });
  }
  const job = answer.value.jobs.get(attempt.jobIndex ?? 0);
  if (job !== undefined) followSeen(context, its, draft.input(input.id), work, job, seen, draft);
}

/** Outputs of this very attempt that are accepted already: only their promotion is left. */
export function acceptedOutputs(its: readonly OutputRow[], { attempt }: LiveWork) {
  return its.filter((output) => output.attemptId === attempt.id && output.state === 'accepted');
}

/** Accepted bytes that are neither under the attempt's name nor under their own are lost. */
function keepAccepted(
  its: readonly OutputRow[],
  input: InputRow,
  work: LiveWork,
  seen: World,
  draft: Draft,
): void {
  const lost = acceptedOutputs(its, work).filter(
    ({ store, path, attemptPath: early }) =>
      look(seen.stats.get(store), path, input.actedMs).is === 'absent' &&
      look(seen.stats.get(store), early, input.actedMs).is === 'absent',
  );
  if (lost.length === 0) return;
  for (const { id } of lost) {
    draft.findOutput(id, { fact: { type: 'output.absent' }, because: 'gone before it got its final name' });
  }
  const reason = `accepted outputs are gone: ${lost.map((output) => output.name).join(', ')}`;
  const end = { state: 'failed', class: 'transient', reason } as const;
  failInput(
    input,
    work,
    { fact: { type: 'job.failed' } },
    { failure: { class: 'transient', reason }, end },
    draft,
  );
}

/** Every output of an attempt has its final name: its input is done under that revision. */
export function finish(draft: Draft, input: InputRow, { attempt }: LiveWork): void {
  draft.find(input.id, {
    fact: { type: 'job.succeeded' },
    because: `attempt ${attempt.number}: every check passed, every output has its final name`,
    patch: { ...NO_TROUBLE, revision: attempt.revision, acceptedAttempt: attempt.id },
    end: { phase: 'process', revision: attempt.revision, how: { state: 'accepted' } },
  });
}

/** The newest spec wins: what an older revision has begun does not count any more. */
function supersede(input: InputRow, { attempt, submission }: LiveWork, draft: Draft): void {
  const reason = 'the spec changed what is produced; the job of the older revision no longer counts';
  draft.find(input.id, {
    fact: { type: 'processing.outdated', rawCopy: input.copyPath === null ? 'gone' : 'present' },
    because: reason,
    end: { phase: 'process', revision: attempt.revision, how: { state: 'superseded', reason } },
  });
  const job = submission && draft.job(submission.id, attempt.jobIndex ?? 0);
  if (job) draft.findJob(job, { type: 'job.failed' }, reason, { batchState: 'superseded' });
}

function absent(
  context: PassContext,
  its: readonly OutputRow[],
  input: InputRow,
  work: LiveWork,
  seen: World,
  draft: Draft,
): void {
  const { submission, attempt } = work;
  if (submission === undefined) return;
  const { batch } = context.traits;
  if (submission.state === 'intended') {
    if (!intentIsDead(submission, batch, context.now)) return;
    const reason = `${submission.name} was never submitted`;
    const end = { phase: 'process', revision: attempt.revision } as const;
    draft.find(input.id, { fact: null, because: reason, end: { ...end, how: { state: 'lost', reason } } });
    const job = draft.job(submission.id, attempt.jobIndex ?? 0);
    if (job) draft.findJob(job, { type: 'job.vanished' }, reason, {});
    return;
  }
  const traces = look(seen.traces, keyOf(work), input.actedMs);
  if (traces.is === 'unknown') return;
  if (traces.is === 'present' && reportOf({ input, traces: traces.value }) !== undefined) {
    conclude(context, its, input, work, null, seen, draft);
    return;
  }
  if (!isLost(submission, batch, context.now)) {
    noteAbsence(draft, submission, context.now);
    return;
  }

  const reason = `${batch.driver} no longer knows ${submission.name}, and it has left no report`;
  const job = draft.job(submission.id, attempt.jobIndex ?? 0);
  if (job) draft.findJob(job, { type: 'job.vanished' }, reason, {});
  draft.find(input.id, {
    fact: { type: 'job.lost' },
    because: reason,
    failure: { class: 'site', reason },
    end: { phase: 'process', revision: attempt.revision, how: { state: 'lost', class: 'site', reason } },
  });
}

function followSeen(
  context: PassContext,
  its: readonly OutputRow[],
  input: InputRow,
  work: LiveWork,
  seenJob: JobSeen,
  seen: World,
  draft: Draft,
): void {
  const job = draft.job(work.submission?.id ?? 0, work.attempt.jobIndex ?? 0);
  switch (seenJob.state) {
    case 'queued':
      return;
    case 'stuck':
      if (job && job.stuck !== seenJob.reason) draft.touchJob(job, { stuck: seenJob.reason });
      draft.problem('job stuck', input.id, { class: 'site', message: seenJob.reason });
      return;
    case 'running':
      if (job) {
        draft.findJob(job, { type: 'job.started' }, `running on ${seenJob.node ?? 'a node'}`, {
          node: seenJob.node,
          stuck: null,
        });
      }
      return;
    case 'ended':
      conclude(context, its, input, work, seenJob, seen, draft);
      return;
  }
}

/** A job has ended: judge what it left for this input. */
function conclude(
  context: PassContext,
  its: readonly OutputRow[],
  input: InputRow,
  work: LiveWork,
  end: JobEnd | null,
  seen: World,
  draft: Draft,
): void {
  const traces = look(seen.traces, keyOf(work), input.actedMs);
  if (traces.is !== 'present' || work.submission === undefined) return;

  const { spec } = context.dataset.loaded;
  const { name } = work.submission;
  const wanted = wantedOutputs(context, input);
  const stored = new Map(
    wanted.map((output) => [
      output.spec.key,
      look(seen.stats.get(output.spec.store), attemptPath(name, output.name), input.actedMs),
    ]),
  );
  const verdict = judge({
    input,
    attempt: work.attempt,
    submission: work.submission,
    end,
    traces: traces.value,
    companions: traces.value.report?.files.length ?? 1,
    wanted,
    stored,
    application: spec.job.application,
    rules: spec.job.failures,
  });
  if (verdict.is === 'waiting') return;

  endJob(work, end, traces.value.report, verdict.is === 'good' ? null : verdict.failure, draft);
  if (verdict.is === 'good') {
    draft.noteAttempt(input.id, work.attempt.revision, 'process', verdict.end);
    const missing = verdict.outputs.filter((output) => !isAcceptedAlready(its, output));
    for (const output of missing) draft.acceptOutput(output);
    if (missing.length === 0) finish(draft, draft.input(input.id), work);
    return;
  }
  const broken = verdict.stageIn ? rawCopyBroken(context, input, seen) : undefined;
  failInput(input, work, broken ?? { fact: { type: 'job.failed' as const } }, verdict, draft);
}

/** Law 3: what was accepted once under a revision stays; a later job only supplies what is missing. */
function isAcceptedAlready(its: readonly OutputRow[], output: NewOutput): boolean {
  return its.some((known) => known.revision === output.revision && known.key === output.key);
}

/** The job could not read its input; if the store's copy is broken, the copy is at fault. */
function rawCopyBroken(context: PassContext, input: InputRow, seen: World) {
  const copy = look(seen.stats.get(wantedCopy(context, input).store), input.copyPath ?? '', 0);
  return copy.is === 'present' ? brokenCopy(context, input, copy.value) : undefined;
}

function failInput(
  input: InputRow,
  { attempt }: LiveWork,
  finding: Pick<Parameters<Draft['find']>[1], 'fact'> & { readonly failure?: Failure },
  verdict: { readonly failure: Failure; readonly end: AttemptEnd },
  draft: Draft,
): void {
  const failure = finding.failure ?? verdict.failure;
  draft.find(input.id, {
    fact: finding.fact,
    because: failure.reason,
    failure,
    end: { phase: 'process', revision: attempt.revision, how: { ...verdict.end, class: failure.class } },
  });
}

/** The job's row: one for all its files, so each judges the job by its own fate last. */
function endJob(
  { submission, attempt }: LiveWork,
  end: JobEnd | null,
  report: { readonly node: string; readonly processor: string | null } | null,
  failure: Failure | null,
  draft: Draft,
): void {
  const job = submission && draft.job(submission.id, attempt.jobIndex ?? 0);
  if (job === undefined) return;
  draft.findJob(
    job,
    { type: failure === null ? 'job.succeeded' : 'job.failed' },
    failure?.reason ?? 'ended well',
    {
      exitCode: end?.exitCode ?? null,
      signal: end?.signal ?? null,
      batchState: end?.batchState ?? null,
      node: end?.node ?? report?.node ?? null,
      processor: report?.processor ?? null,
      cpuMs: end?.cpuMs ?? null,
      wallMs: end?.wallMs ?? null,
      peakMemoryBytes: end?.peakMemoryBytes ?? null,
      stuck: null,
    },
  );
}
