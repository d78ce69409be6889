/**
 * What an answer about one job of a submission means: it is there, it is absent,
 * or nothing is known of it. Transfers are jobs too, one a file.
 */

import type { Millis } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { LiveWork } from '../../model/live-work.ts';
import type { SubmissionRow } from '../../model/rows.ts';
import type { Observed } from '../../model/world.ts';
import { type Answer, look } from '../../model/world.ts';
import type { Draft } from '../change/draft.ts';

/**
 * One job within the answers about its submission.
 *
 * A complete answer that names the submission but not the job says that there is
 * no such job; one that was cut short says nothing of it.
 *
 * @param inside  the job's part of what was found of its submission
 */
export function lookInside<K, V, Part>(
  answers: readonly Answer<K, V>[] | undefined,
  key: K,
  actedMs: Millis,
  inside: (value: V) => Part | undefined,
): Observed<Part> {
  const whole = look(answers, key, actedMs);
  if (whole.is !== 'present') return whole;
  const part = inside(whole.value);
  if (part !== undefined) return { is: 'present', value: part };
  const answer = [...(answers ?? [])].reverse().find((one) => one.found.get(key) === whole.value);
  return answer?.complete
    ? { is: 'absent' }
    : { is: 'unknown', why: 'the answer was cut short before this job' };
}

/** How often, and for how long, an accepted job must be found absent before it is lost (law 1). */
const ABSENCES = 3;
const ABSENT_FOR_MS = 300_000;

/** Whether repeated absence proves that an accepted job is gone. */
export function isLost({ job }: LiveWork, driver: { readonly absentIsFinal: boolean }, now: Millis): boolean {
  if (driver.absentIsFinal) return true;
  if (job === undefined || job.absentMs === null) return false;
  return job.absentSeen + 1 >= ABSENCES && now - job.absentMs >= ABSENT_FOR_MS;
}

/** Count one more absence of a job; the same however many of its files ask. */
export function noteAbsence({ job }: LiveWork, draft: Draft): void {
  if (job === undefined || (job.absentMs !== null && job.absentSeen >= ABSENCES)) return;
  draft.touchJob(job, { absentMs: job.absentMs ?? draft.now, absentSeen: job.absentSeen + 1 });
}

/** Note that a submission exists, whatever became of the call that made it. */
export function noteSubmission(draft: Draft, submissionId: number, systemId: string): void {
  if (draft.submission(submissionId).state !== 'intended') return;
  draft.touchSubmission(submissionId, { state: 'accepted', systemId, acceptedMs: draft.now });
}

/** Note that its system has a job. */
export function notePresence({ job }: LiveWork, draft: Draft): void {
  if (job !== undefined && job.absentMs !== null) draft.touchJob(job, { absentMs: null, absentSeen: 0 });
}

/** The kind of problem that a job is of which nothing has been known for too long. */
export const SILENT = 'silent';

/**
 * Note that nothing clear was said of a job in this pass: the first time since
 * when, and once the site's patience is over a problem. Nothing is written in between.
 */
export function noteSilence(context: PassContext, work: LiveWork, why: string, draft: Draft): void {
  const { job, attempt, jobName: name } = work;
  if (job === undefined) return;
  if (job.silentMs === null) {
    draft.touchJob(job, { silentMs: draft.now });
    return;
  }
  const { unknownAfterSeconds } = context.dataset.loaded.site;
  // Its other files find it told.
  if (draft.job(job.submissionId, job.index)?.silentTold) return;
  if (draft.now - job.silentMs < unknownAfterSeconds * 1000) return;
  draft.touchJob(job, { silentTold: true });
  const message = `nothing is known of ${name} since ${utc(job.silentMs)}: ${why}; where it is certain that it is over: rereco settle ${name} lost|done --because "…"`;
  draft.problem(SILENT, attempt.fileId, { class: 'site', message });
}

/** Note that something clear is known of a job again, or that it does not matter any more. */
export function noteAnswer({ job, attempt }: LiveWork, draft: Draft): void {
  if (job === undefined || job.silentMs === null) return;
  draft.touchJob(job, { silentMs: null, silentTold: false });
  if (job.silentTold) draft.problem(SILENT, attempt.fileId, null);
}

/** Follow a file no longer: if its job has others, theirs is the problem of its silence. */
export function forgetSilence({ job, attempt }: LiveWork, draft: Draft): void {
  if (!job?.silentTold) return;
  draft.touchJob(job, { silentTold: false });
  draft.problem(SILENT, attempt.fileId, null);
}

const UTC = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone: 'UTC' });

function utc(ms: Millis): string {
  return `${UTC.format(ms)} UTC`;
}

/** Beyond a driver's own timeout, how long an intent may stay unfound before it is given up (law 2). */
const INTENT_GRACE_MS = 60_000;

/** Whether an intent that was not found can be given up: it was never carried out, and never will be. */
export function intentIsDead(
  submission: SubmissionRow,
  driver: { readonly absentIsFinal: boolean; readonly callTimeoutMs: number },
  now: number,
): boolean {
  return driver.absentIsFinal || now - submission.intendedMs > driver.callTimeoutMs + INTENT_GRACE_MS;
}
