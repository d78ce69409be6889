/** All processes of one job: its session, and what left that. */
import { readFile, rmdir } from 'node:fs/promises';
import { cgroupPids, endCgroup } from './cgroup.ts';
import { exists } from './place.ts';
import { killAll, members, type Usage, usage } from './session.ts';
import { endStrays, type StrayOf, strays } from './strays.ts';

/** What stands in `leader.json`: enough to find every process of a job. */
export interface JobProcesses extends StrayOf {
  /** Where its cgroup is, if it could be made; null: it has none, so that its strays are looked for. */
  readonly cgroup: string | null;
}

/** A process that outlived its job's first one. */
export interface Survivor {
  readonly pid: number;
  /** It has left the job's session. */
  readonly strayed: boolean;
}

/** What the processes of a job use now. */
export async function usageOf(job: JobProcesses): Promise<Usage> {
  const cgroup = await cgroupOf(job);
  return usage(job.leader, cgroup === null ? null : cgroupPids(cgroup));
}

/** The processes of a job that run now, but for its first one. */
export async function survivors(job: JobProcesses): Promise<readonly Survivor[]> {
  const inSession = new Set(await members(job.leader));
  const cgroup = await cgroupOf(job);
  const all = cgroup === null ? (await strays(job)).map(({ pid }) => pid) : cgroupPids(cgroup);
  const pids = [...new Set([...inSession, ...all])];
  return pids.map((pid) => ({ pid, strayed: !inSession.has(pid) }));
}

/**
 * Whether a job whose first process has ended has left no other; its cgroup is removed then.
 *
 * One look is enough: nobody is there to start another.
 */
export async function leaveNothing(job: JobProcesses): Promise<boolean> {
  if ((await survivors(job)).length > 0) return false;
  const cgroup = await cgroupOf(job);
  if (cgroup === null) return true;
  return rmdir(cgroup).then(
    () => true,
    () => false,
  );
}

/**
 * End every process of a job and see them gone; its cgroup is removed.
 *
 * @param graceMs  between SIGTERM and SIGKILL for what left the session, where there is no cgroup
 * @returns false when some are still there after the limit
 */
export async function endAll(job: JobProcesses, graceMs: number, limitMs: number): Promise<boolean> {
  if (!(await killAll(job.leader, limitMs))) return false;
  const cgroup = await cgroupOf(job);
  return cgroup === null ? endStrays(job, graceMs, limitMs) : endCgroup(cgroup, limitMs);
}

/** The cgroup of a job that has one. Where it was noted but could not be made, the job has none. */
async function cgroupOf({ cgroup }: JobProcesses): Promise<string | null> {
  return cgroup !== null && (await exists(cgroup)) ? cgroup : null;
}

const MOST_NAMED = 5;

/** What is told of processes that outlived their job; undefined where there are none. */
export async function toldOf(left: readonly Survivor[]): Promise<string | undefined> {
  if (left.length === 0) return undefined;
  const names = await Promise.all(left.slice(0, MOST_NAMED).map(({ pid }) => nameOf(pid)));
  const more = left.length > MOST_NAMED ? [`${left.length - MOST_NAMED} more`] : [];
  const what = left.length === 1 ? 'a process' : `${left.length} processes`;
  return `the job left ${what} behind, which ended with it: ${[...names, ...more].join(', ')}`;
}

async function nameOf(pid: number): Promise<string> {
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').join(' ').trim();
  return `${words.slice(0, 80) || 'a process'} (pid ${pid})`;
}
