import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemCode } from '../store/faults.ts';
import { kernelText } from './proc.ts';
import { parseWhereabouts, type Reach, reachOf, whereabouts, whereaboutsText } from './whereabouts.ts';

/**
 * `<machine>@<host>/<boot>/<PID namespace>:<pid>:<start time>`: one process for
 * ever. A pid alone comes back within hours, after a restart of the machine
 * within seconds, and means another process in every container.
 *
 * Older programs wrote `<boot>:<pid>:<start time>`; that is read as this machine's own.
 */
export type ProcessIdentity = string;

/** What is known of a process by its identity. */
export type ProcessLook =
  | { readonly is: 'alive' }
  /** `restart`: the machine has been started anew since. */
  | { readonly is: 'ended'; readonly by: 'itself' | 'restart' }
  | { readonly is: 'unknown'; readonly why: string };

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
 * The identity of a running process, to be asked about later by `lookAtProcess`.
 *
 * @returns undefined when there is no such process, or none that can be seen
 */
export async function processIdentity(pid: number): Promise<ProcessIdentity | undefined> {
  const [here, start] = await Promise.all([whereabouts(), startTime(pid)]);
  return here && start?.alive ? `${whereaboutsText(here)}:${pid}:${start.time}` : undefined;
}

/**
 * What has become of that very process.
 *
 * A zombie has ended, and so has a process whose pid is another's now, and
 * everything of an earlier start of this machine. What runs elsewhere is unknown
 * (see whereabouts.ts).
 */
export async function lookAtProcess(identity: ProcessIdentity): Promise<ProcessLook> {
  const parts = /^([^:]+):(\d+):(.+)$/.exec(identity);
  if (!parts) return { is: 'unknown', why: 'nobody noted which process it is' };
  const [, where = '', pid, time] = parts;
  const reach = await reachFrom(where);
  if (reach.is === 'before a restart') return { is: 'ended', by: 'restart' };
  if (reach.is === 'unknown') return reach;

  const start = await startTime(Number(pid));
  if (start) return start.alive && start.time === time ? { is: 'alive' } : { is: 'ended', by: 'itself' };
  if (!signalReaches(Number(pid))) return { is: 'ended', by: 'itself' };
  return { is: 'unknown', why: `this system does not show process ${pid}` };
}

/** Whether that very process still runs; undefined when it cannot be told. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean | undefined> {
  const look = await lookAtProcess(identity);
  return look.is === 'unknown' ? undefined : look.is === 'alive';
}

async function reachFrom(where: string): Promise<Reach> {
  const here = await whereabouts();
  const there = parseWhereabouts(where);
  if (there) return reachOf(there, here);
  // The old form, which holds nothing but the boot: this machine's own.
  if (!here) return { is: 'unknown', why: 'this process cannot see in which machine or container it runs' };
  return { is: where === here.boot ? 'here' : 'before a restart' };
}

/** The pid in an identity; NaN when it is not one. */
export function pidOf(identity: ProcessIdentity): number {
  return Number(identity.split(':')[1]);
}

/** Whether an identity's pid can be looked at, and signalled, from here. */
export async function isOfHere(identity: ProcessIdentity): Promise<boolean> {
  return (await reachFrom(identity.split(':')[0] ?? '')).is === 'here';
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
export function processStat(pid: number | 'self'): ProcessStat | undefined {
  return parseProcessStat(kernelText(`/proc/${pid}/stat`));
}

async function startTime(pid: number): Promise<{ alive: boolean; time: string } | undefined> {
  if (process.platform === 'linux') {
    const stat = processStat(pid);
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

/** `/proc` may hide other users' processes, and `ps` may fail: a signal that finds nobody is certain. */
function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

const run = promisify(execFile);
