/**
 * What an answer about one job of a submission means: it is there, it is absent,
 * or nothing is known of it. Transfers are jobs too, one a file.
 */

import type { Millis } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import { type Finding, onProblem, patchJob } from '../../model/findings.ts';
import type { LiveWork } from '../../model/live-work.ts';
import type { SubmissionRow } from '../../model/rows.ts';
import type { Observed } from '../../model/world.ts';
import { type Answer, look } from '../../model/world.ts';

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
  if (job.absentMs === null) return false;
  return job.absentSeen + 1 >= ABSENCES && now - job.absentMs >= ABSENT_FOR_MS;
}

/** One more absence of a job is counted; it is the same however many of its files ask. */
export function noteAbsence({ job }: LiveWork, now: Millis): readonly Finding[] {
  if (job.absentMs !== null && job.absentSeen >= ABSENCES) return [];
  return [patchJob(job, { absentMs: job.absentMs ?? now, absentSeen: job.absentSeen + 1 })];
}

/** A submission exists, whatever became of the call that made it. */
export function noteSubmission({ submission }: LiveWork, systemId: string, now: Millis): readonly Finding[] {
  if (submission.state !== 'intended') return [];
  return [
    { on: 'submission', id: submission.id, patch: { state: 'accepted', systemId, acceptedMs: now } } as const,
  ];
}

/** A job is there: absences are counted anew. */
export function notePresence({ job }: LiveWork): readonly Finding[] {
  return job.absentMs === null ? [] : [patchJob(job, { absentMs: null, absentSeen: 0 })];
}

/** The kind of problem that a job is of which nothing has been known for too long. */
export const SILENT = 'silent';

/**
 * Nothing clear was said of a job in this pass: the first time it is noted since when, and once
 * the site's patience is over people are told, on behalf of one of its files. Nothing is noted in between.
 */
export function noteSilence(context: PassContext, work: LiveWork, why: string): readonly Finding[] {
  const { job, attempt, jobName: name, speaks } = work;
  const { now, dataset } = context;
  if (job.silentMs === null) return [patchJob(job, { silentMs: now })];
  const patienceMs = dataset.loaded.site.unknownAfterSeconds * 1000;
  if (job.silentTold || !speaks || now - job.silentMs < patienceMs) return [];
  const message = `nothing is known of ${name} since ${utc(job.silentMs)}: ${why}; where it is certain that it is over: rereco settle ${name} lost|done --because "…"`;
  return [patchJob(job, { silentTold: true }), onProblem(SILENT, attempt.fileId, { class: 'site', message })];
}

/** Something clear is known of a job again, or it does not matter any more. */
export function noteAnswer({ job, attempt }: LiveWork): readonly Finding[] {
  if (job.silentMs === null) return [];
  const over = job.silentTold ? [onProblem(SILENT, attempt.fileId, null)] : [];
  return [patchJob(job, { silentMs: null, silentTold: false }), ...over];
}

/** A file is followed no longer: if its job has others, people are told of its silence on their behalf. */
export function forgetSilence({ job, attempt }: LiveWork): readonly Finding[] {
  if (!job.silentTold) return [];
  return [patchJob(job, { silentTold: false }), onProblem(SILENT, attempt.fileId, null)];
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
