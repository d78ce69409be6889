/**
 * Processes that left their job's session, found without a cgroup: by the very
 * submission and index in their environment, and a start not before the job's, so
 * that what only inherited these variables from elsewhere before is not taken for one.
 *
 * A process that clears its environment as well as leaving its session, or runs as
 * another user whose environment we may not read, is not found. A cgroup finds it.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { SubmissionName } from '../../../../machines/model.ts';
import { type ProcessIdentity, type ProcessStat, pidOf, processStat } from '../../process/identity.ts';
import { pidsSince } from '../../process/proc.ts';
import { sendSignal } from '../../process/send-signal.ts';

/** Whose processes are looked for. */
export interface StrayOf {
  readonly name: SubmissionName;
  readonly index: number;
  /** The job's first process, which started before all others of it. */
  readonly leader: ProcessIdentity;
}

/** The variables by which a job's processes are known. */
export function jobVariables(name: SubmissionName, index: number): Readonly<Record<string, string>> {
  return { RERECO_SUBMISSION: name, RERECO_INDEX: `${index}` };
}

/** Whether an environment, as `/proc/<pid>/environ` has it, is that of this very job. */
export function isEnvironmentOf(environment: string, { name, index }: Omit<StrayOf, 'leader'>): boolean {
  const lines = new Set(environment.split('\0'));
  return Object.entries(jobVariables(name, index)).every(([key, value]) => lines.has(`${key}=${value}`));
}

/** The job's processes that still run, whatever their session; empty where there is no `/proc`. */
export async function strays(job: StrayOf): Promise<readonly ProcessStat[]> {
  const [, pid = '', startTime = ''] = job.leader.split(':');
  const found = await Promise.all(pidsSince(Number(pid), startTime).map((pid) => strayAt(pid, job)));
  return found.flatMap((stat) => stat ?? []);
}

async function strayAt(pid: number, job: StrayOf): Promise<ProcessStat | undefined> {
  if (pid === process.pid || pid === pidOf(job.leader)) return undefined;
  const before = processStat(pid);
  if (!before || 'ZX'.includes(before.state)) return undefined;
  if (Number(before.startTime) < Number(job.leader.split(':')[2])) return undefined;
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  if (!isEnvironmentOf(environment, job)) return undefined;
  // The number may have passed to another process between the two looks.
  const after = processStat(pid);
  return after?.startTime === before.startTime ? after : undefined;
}

/** Every look reads the environment of every process of the machine. */
const LOOK_EVERY_MS = 100;

/**
 * End a job's strays and see them gone: SIGTERM first, SIGKILL after the grace.
 *
 * @returns false when some are still there after grace and limit
 */
export async function endStrays(job: StrayOf, graceMs: number, limitMs: number): Promise<boolean> {
  for (let waited = 0; waited <= graceMs + limitMs; waited += LOOK_EVERY_MS) {
    const left = await strays(job);
    if (left.length === 0) return true;
    // Again and again: one of them may have started another.
    for (const { pid } of left) sendSignal(pid, waited < graceMs ? 'SIGTERM' : 'SIGKILL', 'EPERM');
    await pause(LOOK_EVERY_MS);
  }
  return false;
}
