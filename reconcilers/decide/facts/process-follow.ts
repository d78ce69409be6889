/** Following a live job: from an intent to an accepted result, or to the reason why not. */

import type { PassContext } from '../../model/context.ts';
import { keyOf, type LiveWork } from '../../model/live-work.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';
import { look, type Observed, type World } from '../../model/world.ts';
import type { JobSeen } from '../../ports/batch-system.ts';
import type { Draft } from '../change/draft.ts';
import { reportOf } from '../judge/judge.ts';
import {
  intentIsDead,
  isLost,
  lookInside,
  noteAbsence,
  noteAnswer,
  notePresence,
  noteSilence,
  noteSubmission,
} from './answers.ts';
import type { FileEnd } from './process-end.ts';
import { conclude, type FollowedFile, failInput } from './process-judge.ts';

/**
 * Move a file, its job and its submission by what was seen of them.
 *
 * @param its  its outputs that count
 * @returns what the end of its job means for it; undefined while the job has not ended
 */
export function followJob(
  context: PassContext,
  its: readonly OutputRow[],
  input: InputRow,
  work: LiveWork,
  seen: World,
  draft: Draft,
): FileEnd | undefined {
  const { submission, attempt } = work;
  if (acceptedOutputs(its, work).length > 0) {
    keepAccepted(its, input, work, seen, draft);
    return undefined;
  }
  if (attempt.revision !== context.dataset.loaded.revision) {
    supersede(input, work, draft);
    return undefined;
  }

  const whole = look(seen.jobs, submission.name, input.actedMs);
  if (whole.is === 'present') {
    draft.add(noteSubmission(work, whole.value.systemId, context.now));
    if (input.state === 'verified') {
      draft.find(input.id, {
        fact: { type: 'job.accepted' },
        because: `${context.traits.batch.driver} has ${submission.name} (${whole.value.systemId})`,
      });
    }
  }
  const about = { context, its, input: draft.input(input.id), work, seen, draft };
  const job = jobSeen(work, seen, input.actedMs);
  if (job.is === 'unknown') draft.add(noteSilence(context, work, job.why));
  if (job.is === 'absent') return absent(about, whole.is === 'absent');
  return job.is === 'present' ? followSeen(about, job.value) : undefined;
}

/** A file's job within the answer about its submission. */
export function jobSeen({ submission, attempt }: LiveWork, seen: World, actedMs: number): Observed<JobSeen> {
  return lookInside(seen.jobs, submission.name, actedMs, (whole) => whole.jobs.get(attempt.jobIndex));
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

/** The newest spec wins: what an older revision has begun does not count any more. */
function supersede(input: InputRow, work: LiveWork, draft: Draft): void {
  const { attempt, job } = work;
  const reason = 'the spec changed what is produced; the job of the older revision no longer counts';
  draft.find(input.id, {
    fact: { type: 'processing.outdated', rawCopy: input.copyPath === null ? 'gone' : 'present' },
    because: reason,
    end: { phase: 'process', revision: attempt.revision, how: { state: 'superseded', reason } },
  });
  draft.add(noteAnswer(work));
  draft.findJob(job, { type: 'job.failed' }, reason, { batchState: 'superseded' });
}

/** Its system says that there is no such job. @param whole  nor its submission */
function absent(about: FollowedFile, whole: boolean): FileEnd | undefined {
  const { context, input, work, seen, draft } = about;
  const { submission } = work;
  const { batch } = context.traits;
  if (submission.state === 'intended' && whole) {
    draft.add(noteAnswer(work));
    if (!intentIsDead(submission, batch, context.now)) return undefined;
    neverSubmitted(about, `${submission.name} was never submitted`);
    return undefined;
  }
  const traces = look(seen.traces, keyOf(work), input.actedMs);
  if (traces.is === 'unknown') {
    draft.add(noteSilence(context, work, `${batch.driver} does not know it, and the spool: ${traces.why}`));
    return undefined;
  }
  if (traces.is === 'present' && reportOf({ input, traces: traces.value }) !== undefined) {
    return conclude(about, null);
  }
  draft.add(noteAnswer(work));
  if (!isLost(work, batch, context.now)) {
    draft.add(noteAbsence(work, context.now));
    return undefined;
  }
  const who = whole ? submission.name : work.jobName;
  loseJob(about, `${batch.driver} no longer knows ${who}, and it has left no report`);
  return undefined;
}

/** Close the attempt of a job that has never been: the file stands where it stood. */
export function neverSubmitted({ input, work: { job, attempt }, draft }: FollowedFile, reason: string): void {
  const end = { phase: 'process', revision: attempt.revision, how: { state: 'lost', reason } } as const;
  draft.find(input.id, { fact: null, because: reason, end });
  draft.findJob(job, { type: 'job.vanished' }, reason, {});
}

/** Close a job's attempt as lost: the file is tried again by the rules, under a new number. */
export function loseJob({ input, work: { job, attempt }, draft }: FollowedFile, reason: string): void {
  draft.findJob(job, { type: 'job.vanished' }, reason, {});
  const how = { state: 'lost', class: 'site', reason } as const;
  draft.find(input.id, {
    fact: { type: 'job.lost' },
    because: reason,
    failure: { class: 'site', reason },
    end: { phase: 'process', revision: attempt.revision, how },
  });
}

function followSeen(about: FollowedFile, seenJob: JobSeen): FileEnd | undefined {
  const { input, work, draft } = about;
  const { job } = work;
  draft.add(notePresence(work));
  const stuck = seenJob.state === 'stuck' ? seenJob.reason : null;
  if (job.stuck !== stuck) {
    draft.touchJob(job, { stuck });
    draft.problem('job stuck', input.id, stuck === null ? null : { class: 'site', message: stuck });
  }
  if (seenJob.state === 'ended') return conclude(about, seenJob);
  draft.add(noteAnswer(work));
  if (seenJob.state === 'running') {
    const { node } = seenJob;
    draft.findJob(job, { type: 'job.started' }, `running on ${node ?? 'a node'}`, { node });
  }
  return undefined;
}
