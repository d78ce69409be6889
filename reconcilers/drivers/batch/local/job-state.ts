import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { SubmissionName } from '../../../../machines/model.ts';
import type { JobEnd, JobSeen, SubmissionOrder } from '../../../ports/batch-system.ts';
import { isOfHere, lookAtProcess, type ProcessIdentity } from '../../process/identity.ts';
import { endAll, type JobProcesses } from './job-processes.ts';
import { createOnce, exists, jobFile, jobFolder, type Place, readRecord } from './place.ts';

/** Who may run the job, or has taken that right away from everybody. */
export interface StartToken {
  readonly by: ProcessIdentity;
  readonly purpose: 'run' | 'cancel';
}

/** What the files say of one job. `lost`: it has ended, but nobody has said so yet. */
export type JobLook =
  | JobSeen
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly reason: string }
  | { readonly state: 'lost'; readonly end: JobEnd };

/** Processes that SIGKILL does not end within this long wait for a disk or a network. */
const KILL_LIMIT_MS = 5_000;

/** What was asked of a job; undefined when there is no such job. */
export function readOrder(place: Place, name: SubmissionName): Promise<SubmissionOrder | undefined> {
  return readRecord<SubmissionOrder>(jobFile(place, name, 'order.json'));
}

/** What has become of a job. Changes nothing. */
export async function lookAt(place: Place, name: SubmissionName): Promise<JobLook> {
  const over = await readRecord<JobEnd>(jobFile(place, name, 'end.json'));
  if (over) return over;
  const token = await readRecord<StartToken>(jobFile(place, name, 'start.json'));
  const holder = token && (await lookAtProcess(token.by));

  // Read after the question whether its holder is alive: who ends writes this first.
  const end = await readRecord<JobEnd>(jobFile(place, name, 'end.json'));
  if (end) return end;
  // Last, because a job may have been forgotten between the questions above.
  if (!(await exists(jobFile(place, name, 'order.json')))) return { state: 'absent' };
  if (!token || !holder) return { state: 'queued' };
  if (token.purpose === 'cancel') {
    // Nobody can start it any more: wherever its holder is, the end may be said by anybody.
    if (holder.is === 'alive') return { state: 'queued' };
    return { state: 'lost', end: { ...endWithout('cancelled', null), node: null } };
  }
  if (holder.is === 'unknown') return { state: 'unknown', reason: `its supervisor: ${holder.why}` };
  if (holder.is === 'alive') return { state: 'running', node: hostname() };
  return { state: 'lost', end: await endOfLost(place, name, holder.by) };
}

/**
 * What has become of a job, after ending one whose supervisor is gone.
 *
 * Its processes are killed before it is called ended, so that it writes nothing later.
 *
 * @returns never `lost`; the end of a job is the same whenever it is asked for
 */
export async function settle(
  place: Place,
  name: SubmissionName,
): Promise<Exclude<JobLook, { state: 'lost' }>> {
  const look = await lookAt(place, name);
  if (look.state !== 'lost') return look;

  if (!(await endProcesses(place, name))) {
    return { state: 'unknown', reason: 'its supervisor is gone and its processes do not end' };
  }
  return declareEnd(place, name, look.end);
}

/** A handler for `lookAt` and `settle`: one job whose files cannot be read says nothing of the others. */
export function unreadable(error: Error): { readonly state: 'unknown'; readonly reason: string } {
  return { state: 'unknown', reason: error.message };
}

/** End what a supervisor left running here. @returns false when it does not end */
export async function endProcesses(place: Place, name: SubmissionName): Promise<boolean> {
  const started = await readRecord<Partial<JobProcesses>>(jobFile(place, name, 'leader.json'));
  if (started?.leader === undefined || !(await isOfHere(started.leader))) return true;
  // An older program noted the leader alone.
  const index = started.index ?? (await readOrder(place, name))?.jobs[0]?.index ?? 0;
  const job = { name, index, leader: started.leader, cgroup: started.cgroup ?? null };
  return endAll(job, 0, KILL_LIMIT_MS);
}

/**
 * Say how a job ended, unless that was said before.
 *
 * @returns how it ended, which may be another's word
 */
export async function declareEnd(place: Place, name: SubmissionName, end: JobEnd): Promise<JobEnd> {
  const file = jobFile(place, name, 'end.json');
  await createOnce(place, file, end);
  await rm(join(jobFolder(place, name), 'tmp'), { recursive: true, force: true });
  return (await readRecord<JobEnd>(file)) ?? end;
}

/** The end of a job that did not run to its own. */
export function endWithout(batchState: string, signal: string | null): JobEnd {
  return {
    state: 'ended',
    exitCode: null,
    signal,
    batchState,
    node: hostname(),
    cpuMs: null,
    wallMs: null,
    peakMemoryBytes: null,
  };
}

async function endOfLost(place: Place, name: SubmissionName, by: 'itself' | 'restart'): Promise<JobEnd> {
  if (by === 'restart') return endWithout('node restarted', null);
  const cancelled = await exists(jobFile(place, name, 'cancel'));
  return endWithout(cancelled ? 'cancelled' : 'supervisor lost', 'SIGKILL');
}
