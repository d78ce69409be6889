import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import {
  isAlive,
  type ProcessIdentity,
  type ProcessStat,
  pidOf,
  processStat,
} from '../../process/identity.ts';
import { kernelText, pidsSince, TICKS_A_SECOND } from '../../process/proc.ts';
import { sendSignal } from '../../process/send-signal.ts';

/** What the processes of one job use at one moment; null where this system does not tell. */
export interface Usage {
  readonly memoryBytes: number | null;
  readonly cpuMs: number | null;
}

const MS_PER_TICK = 1000 / TICKS_A_SECOND;

/**
 * The processes of a job that still run: those of its leader's session, so that
 * a background process counts, and one in a process group of its own.
 *
 * @returns pids; empty where there is no `/proc`
 */
export async function members(leader: ProcessIdentity): Promise<readonly number[]> {
  return memberStats(leader).map((stat) => stat.pid);
}

/**
 * What the processes of a job use together; memory is the highest of their sum and of each one's own peak.
 *
 * @param pids  all of them, where that is known; null: those of the leader's session
 */
export async function usage(leader: ProcessIdentity, pids: readonly number[] | null): Promise<Usage> {
  if (process.platform !== 'linux') return { memoryBytes: null, cpuMs: null };
  const stats = pids === null ? memberStats(leader) : statsOf(pids);
  const memory = await Promise.all(stats.map((stat) => memoryOf(stat.pid, stats.length > 1)));
  const together = memory.reduce((sum, one) => sum + one.now, 0);
  const ticks = stats.reduce((sum, stat) => sum + stat.cpuTicks + stat.childrenCpuTicks, 0);
  return {
    memoryBytes: Math.max(together, ...memory.map((one) => one.peak)),
    cpuMs: ticks * MS_PER_TICK,
  };
}

/** CPU time of all children of this process that have ended; null where the system does not tell. */
export function endedChildrenCpuMs(): number | null {
  const stat = processStat('self');
  return stat ? stat.childrenCpuTicks * MS_PER_TICK : null;
}

/**
 * Send a signal to every process of a job; those that are gone are left.
 *
 * SIGTERM reaches each of them once: who heeds it would do so again at a second one.
 */
export async function signalAll(leader: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  // The group is signalled at once, so that no process forks its way out between two signals.
  // Without /proc there is nothing but the group; its number is not given again while one of it runs.
  const group = pidOf(leader);
  const isReached = (await isAlive(leader)) || process.platform !== 'linux';
  if (isReached) sendSignal(-group, signal, 'EPERM');
  for (const member of memberStats(leader)) {
    const hasHeard = isReached && member.group === group;
    if (signal === 'SIGKILL' || !hasHeard) sendSignal(member.pid, signal, 'EPERM');
  }
}

/**
 * Kill every process of a job and see them gone.
 *
 * @returns false when some are still there after the limit
 */
export async function killAll(leader: ProcessIdentity, limitMs: number): Promise<boolean> {
  for (let waited = 0; waited <= limitMs; waited += 20) {
    await signalAll(leader, 'SIGKILL');
    if ((await isAlive(leader)) === false && (await members(leader)).length === 0) return true;
    await pause(20);
  }
  return false;
}

function memberStats(leader: ProcessIdentity): readonly ProcessStat[] {
  const session = pidOf(leader);
  const startTime = leader.split(':')[2] ?? '';
  const first = processStat(session);
  // A number is not given again while a session bears it: another process there means ours is empty.
  if (first && first.startTime !== startTime) return [];
  return statsOf(pidsSince(session, startTime)).filter((stat) => stat.session === session);
}

/** What the kernel says of these processes; those that have ended are left out. */
function statsOf(pids: readonly number[]): readonly ProcessStat[] {
  return pids.flatMap((pid) => {
    const stat = processStat(pid);
    return stat === undefined || 'ZX'.includes(stat.state) ? [] : [stat];
  });
}

/**
 * `now` is the process's share of what it uses: pages that forked workers have in common
 * are divided among them, so that their sum counts each once. A kernel without that sum,
 * or a process that changed its user, is counted with all its pages.
 *
 * @param shared  whether others of the job may have pages in common with it
 */
async function memoryOf(pid: number, shared: boolean): Promise<{ now: number; peak: number }> {
  const status = kernelText(`/proc/${pid}/status`);
  // The sum waits where the process changes its memory at this moment.
  const rollup = shared ? await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '') : '';
  return {
    now: bytesIn(rollup, 'Pss') ?? bytesIn(status, 'VmRSS') ?? 0,
    peak: bytesIn(status, 'VmHWM') ?? 0,
  };
}

function bytesIn(text: string, field: string): number | undefined {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return kilobytes === undefined ? undefined : 1024 * Number(kilobytes);
}
