/**
 * Reading what the kernel shows as files, in `/proc` and in cgroups.
 *
 * It is read at once: no disk is waited for, and a promise for each of hundreds of files takes
 * ten times as long.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** What a file of the kernel's holds; empty where it cannot be read. */
export function kernelText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The numbers of all processes that can be seen; none where there is no `/proc`. */
export function pidsHere(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** How long ago a process was started, by its start time in ticks; undefined where that cannot be told. */
export function ageInTicks(startTime: string): number | undefined {
  const uptime = Number.parseFloat(kernelText('/proc/uptime'));
  const age = Math.round(uptime * TICKS_A_SECOND) - Number(startTime);
  return Number.isFinite(age) ? age : undefined;
}

/** USER_HZ is 100 on every Linux that runs Node, whatever the kernel's own HZ. */
export const TICKS_A_SECOND = 100;

/** So young a process that numbers cannot have gone round since. */
const YOUNG_TICKS = 2 * TICKS_A_SECOND;

/**
 * The numbers that processes may have which were started after this one: of a young process those
 * that follow its own, unless numbers have begun anew; else all.
 */
export function pidsSince(pid: number, startTime: string): readonly number[] {
  const age = ageInTicks(startTime);
  const last = Number(kernelText('/proc/loadavg').trim().split(' ').at(-1));
  const pids = pidsHere();
  const young = age !== undefined && age >= 0 && age < YOUNG_TICKS && last >= pid;
  return young ? pids.filter((one) => one >= pid) : pids;
}
