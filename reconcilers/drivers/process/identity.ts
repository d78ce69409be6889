import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * `<boot id>:<pid>:<start time>`: one process for ever. A pid alone comes back
 * within hours, and after a restart of the machine within seconds.
 */
export type ProcessIdentity = string;

/** What the kernel says of one process; undefined where it does not say. */
export interface ProcessStat {
  readonly pid: number;
  /** One letter; `Z` and `X` have ended. */
  readonly state: string;
  readonly group: number;
  readonly session: number;
  /** CPU time of the process itself, in clock ticks. */
  readonly cpuTicks: number;
  /** CPU time of its children that were waited for, in clock ticks. */
  readonly childrenCpuTicks: number;
  /** In clock ticks since the machine started. */
  readonly startTime: string;
}

/**
 * The identity of a running process, to be asked about later by `isAlive`.
 *
 * @returns undefined when there is no such process, or none that can be seen
 */
export async function processIdentity(pid: number): Promise<ProcessIdentity | undefined> {
  const [boot, start] = await Promise.all([bootId(), startTime(pid)]);
  return start?.alive ? `${boot}:${pid}:${start.time}` : undefined;
}

/**
 * Whether that very process still runs.
 *
 * @returns false for one that ended, a zombie, another process under the same
 *   pid, and everything of an earlier start of the machine; undefined when it
 *   cannot be told
 */
export async function isAlive(identity: ProcessIdentity): Promise<boolean | undefined> {
  const parts = /^([^:]+):(\d+):(.+)$/.exec(identity);
  if (!parts) return undefined;
  const [, boot, pid, time] = parts;
  if (boot !== (await bootId())) return false;

  const start = await startTime(Number(pid));
  if (start) return start.alive && start.time === time;
  return signalReaches(Number(pid)) ? undefined : false;
}

/** The pid in an identity; NaN when it is not one. */
export function pidOf(identity: ProcessIdentity): number {
  return Number(identity.split(':')[1]);
}

/** Whether an identity is from this start of the machine. */
export async function isOfThisBoot(identity: ProcessIdentity): Promise<boolean> {
  return identity.startsWith(`${await bootId()}:`);
}

/**
 * One line of `/proc/<pid>/stat`.
 *
 * The command's name stands in parentheses and may hold spaces and parentheses
 * itself: everything up to the last `)` is skipped.
 *
 * @returns undefined for a line that is not one
 */
export function parseProcessStat(line: string): ProcessStat | undefined {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  // Field 3 of proc(5), the state, is fields[0] here.
  const number = (field: number) => Number(fields[field - 3]);
  const startTime = fields[22 - 3];
  if (!line.includes(')') || !fields[0] || !startTime) return undefined;
  return {
    pid: Number.parseInt(line, 10),
    state: fields[0],
    group: number(5),
    session: number(6),
    cpuTicks: number(14) + number(15),
    childrenCpuTicks: number(16) + number(17),
    startTime,
  };
}

/** What the kernel says of a process now; undefined when it is gone, or where there is no `/proc`. */
export async function processStat(pid: number | 'self'): Promise<ProcessStat | undefined> {
  try {
    return parseProcessStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

async function startTime(pid: number): Promise<{ alive: boolean; time: string } | undefined> {
  if (process.platform === 'linux') {
    const stat = await processStat(pid);
    return stat && { alive: !'ZX'.includes(stat.state), time: stat.startTime };
  }
  try {
    const { stdout } = await run('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', `${pid}`]);
    const [state = 'Z', ...time] = stdout.trim().split(/\s+/);
    return { alive: !state.startsWith('Z'), time: time.join('_') };
  } catch {
    return undefined;
  }
}

async function bootId(): Promise<string> {
  if (process.platform === 'linux') {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  }
  return (await run('sysctl', ['-n', 'kern.bootsessionuuid'])).stdout.trim();
}

/** `/proc` may hide other users' processes, and `ps` may fail: a signal that finds nobody is certain. */
function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

const run = promisify(execFile);
