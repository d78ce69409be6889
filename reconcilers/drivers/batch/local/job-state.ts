import { rm, rmdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { SubmissionName } from '../../../../machines/model.ts';
import type { JobEnd, JobSeen, SubmissionOrder } from '../../../ports/batch-system.ts';
import { isOfHere, lookAtProcess, type ProcessIdentity } from '../../process/identity.ts';
import { systemCode } from '../../store/faults.ts';
import { endAll, type JobProcesses } from './job-processes.ts';
import { createOnce, exists, jobFile, jobFolder, type Lasting, type Place, readRecord } from './place.ts';

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

/** What was asked of a job; `torn`: a power cut took it before the disk had it; undefined: there is no such job. */
export async function readOrder(
  place: Place,
  name: SubmissionName,
): Promise<SubmissionOrder | 'torn' | undefined> {
  const file = jobFile(place, name, 'order.json');
  try {
    const order = await readRecord<SubmissionOrder>(file);
    return order ?? ((await exists(file)) ? 'torn' : undefined);
  } catch (error) {
    if (error instanceof SyntaxError) return 'torn';
    throw error;
  }
}

/** The index of a job's order, where it can still be read. */
export async function indexOf(place: Place, name: SubmissionName): Promise<number | undefined> {
  const order = await readOrder(place, name);
  return order === undefined || order === 'torn' ? undefined : order.jobs[0]?.index;
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
  if (!token || !holder) return lookAtUnstarted(place, name);
  if (!(await exists(jobFile(place, name, 'order.json')))) return { state: 'absent' };
  if (token.purpose === 'cancel') {
    // Nobody can start it any more: wherever its holder is, the end may be said by anybody.
    if (holder.is === 'alive') return { state: 'queued' };
    return { state: 'lost', end: { ...endWithout('cancelled', null), node: null } };
  }
  if (holder.is === 'unknown') return { state: 'unknown', reason: `its supervisor: ${holder.why}` };
  if (holder.is === 'alive') return { state: 'running', node: hostname() };
  return { state: 'lost', end: await endOfLost(place, name, holder.by) };
}

async function lookAtUnstarted(place: Place, name: SubmissionName): Promise<JobLook> {
  const order = await readOrder(place, name);
  if (order === undefined) return { state: 'absent' };
  if (order !== 'torn') return { state: 'queued' };
  return { state: 'lost', end: { ...endWithout('void', null), node: null } };
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
  const index = started.index ?? (await indexOf(place, name)) ?? 0;
  const job = { name, index, leader: started.leader, cgroup: started.cgroup ?? null };
  return endAll(job, 0, KILL_LIMIT_MS);
}

/**
 * Say how a job ended, unless that was said before.
 *
 * @param lasting  a word that nobody could say again after a power cut is `durable`
 * @returns how it ended, which may be another's word
 */
export async function declareEnd(
  place: Place,
  name: SubmissionName,
  end: JobEnd,
  lasting: Lasting = 'plain',
): Promise<JobEnd> {
  const file = jobFile(place, name, 'end.json');
  const isFirst = await createOnce(place, file, end, lasting);
  await removeTmp(join(jobFolder(place, name), 'tmp'));
  return isFirst ? end : ((await readRecord<JobEnd>(file)) ?? end);
}

/** A job's script leaves nothing there: to look through the folder is for what others left. */
async function removeTmp(tmp: string): Promise<void> {
  await rmdir(tmp).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') return rm(tmp, { recursive: true, force: true });
    return undefined;
  });
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
