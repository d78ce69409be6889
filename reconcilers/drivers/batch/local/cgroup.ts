/**
 * A cgroup (version 2) of a job's own, where one can be made below that of this
 * process: what a job starts is in it whatever it does to its session, its parents
 * and its environment, and `cgroup.kill` ends all of it in one instant.
 *
 * Only a process that may write to other cgroups (root) can leave it.
 */
import { readdirSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { once } from '../../../../specs/once.ts';
import { kernelText } from '../../process/proc.ts';
import { sendSignal } from '../../process/send-signal.ts';
import { ignoring } from './place.ts';

const OURS = 'rereco-';

/**
 * Where the cgroup of a job can be; nothing is made.
 *
 * @param name  never used before on this machine
 * @returns null where no hierarchy of version 2 is in sight
 */
export function cgroupFor(name: string): string | null {
  const parent = ownCgroup();
  return parent === undefined ? null : join(parent, `${OURS}${name}`);
}

/** A process is not moved to another between two of its jobs. */
const ownCgroup = once(() => cgroupOf(kernelText('/proc/self/mountinfo'), kernelText('/proc/self/cgroup')));

/**
 * The folder of a process's own cgroup of version 2.
 *
 * Beside version 1 it is often mounted at `/sys/fs/cgroup/unified`. Source: cgroups(7), proc(5).
 *
 * @param mounts  its `/proc/self/mountinfo`
 * @param own  its `/proc/self/cgroup`
 */
export function cgroupOf(mounts: string, own: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(own)?.[1];
  if (path === undefined || path.includes('/..')) return undefined;
  for (const line of mounts.split('\n')) {
    const [fields = '', type = ''] = line.split(' - ');
    const [, , , root = '', point] = fields.split(' ');
    if (!type.startsWith('cgroup2 ') || point === undefined) continue;
    const above = root === '/' ? '' : root;
    if (path !== above && !path.startsWith(`${above}/`)) continue;
    return join(unescaped(point), path.slice(above.length));
  }
  return undefined;
}

/** Blanks in the names of mount points are written as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Make a cgroup and put a process into it. @returns false, and none is left, where that is not allowed */
export async function enterCgroup(cgroup: string, pid: number): Promise<boolean> {
  try {
    await mkdir(cgroup);
    await writeFile(join(cgroup, 'cgroup.procs'), `${pid}`);
    return true;
  } catch {
    await rmdir(cgroup).catch(() => {});
    return false;
  }
}

/** The processes in a cgroup and those below it; empty when it is gone. */
export function cgroupPids(cgroup: string): readonly number[] {
  const lists = tree(cgroup).map((folder) => kernelText(join(folder, 'cgroup.procs')));
  // 0 stands for a process of a PID namespace that is not seen from here.
  return lists.flatMap((text) => text.split('\n').map(Number)).filter((pid) => pid > 0);
}

/**
 * Kill everything in a cgroup, see it gone, and remove the cgroup.
 *
 * @returns false when something is still there after the limit
 */
export async function endCgroup(cgroup: string, limitMs: number): Promise<boolean> {
  if (!basename(cgroup).startsWith(OURS)) throw new Error(`${cgroup} is no cgroup of a job; please report`);
  for (let waited = 0; waited <= limitMs; waited += 20) {
    const folders = tree(cgroup);
    if (folders.length === 0) return true;
    await kill(cgroup);
    // From the innermost: a cgroup can be removed when it is empty, and only then.
    for (const folder of folders.reverse()) await rmdir(folder).catch(ignoring('ENOENT', 'EBUSY'));
    if (tree(cgroup).length === 0) return true;
    await pause(20);
  }
  return false;
}

async function kill(cgroup: string): Promise<void> {
  const answered = await writeFile(join(cgroup, 'cgroup.kill'), '1', { flag: 'r+' }).then(
    () => true,
    () => false,
  );
  if (answered) return;
  // Before Linux 5.14: frozen, so that nothing forks its way out between two signals.
  const freeze = (on: '1' | '0') =>
    writeFile(join(cgroup, 'cgroup.freeze'), on, { flag: 'r+' }).catch(() => {});
  await freeze('1');
  for (const pid of cgroupPids(cgroup)) {
    sendSignal(pid, 'SIGKILL');
  }
  await freeze('0');
}

/** A cgroup and those below it, outermost first; empty when it is gone. */
function tree(cgroup: string): string[] {
  try {
    const entries = readdirSync(cgroup, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [cgroup, ...entries.flatMap((entry) => tree(join(cgroup, entry.name)))];
  } catch (error) {
    return ignoring('ENOENT')(error) ?? [];
  }
}
