/**
 * Where a process runs, and whether another process can tell that it has ended.
 *
 * A pid means something in one PID namespace of one start of one machine. So
 * only two things can be said for certain: in the same namespace of the same
 * start `/proc` can be asked; and what ran on this very machine before it was
 * started anew has ended. All else is unknown: another machine on the same spool,
 * a container, files that cannot be read.
 *
 * "This very machine" is the risky half. Containers of one image have the same
 * `/etc/machine-id` on different machines, each with a boot id of its own: to
 * call that a restart would run a job twice. So a restart counts only between
 * processes that ran outside any container (in the kernel's first PID and UTS
 * namespaces), with the same machine id and host name; the name is kept only
 * there. A container that is started again therefore knows nothing of what ran
 * in it before, and neither does WSL: a person settles it.
 */
import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { onceKnown } from '../../../specs/once.ts';

/** The surroundings in which a pid means something. */
export interface Whereabouts {
  /** The machine's own id; empty where it has none. */
  readonly machine: string;
  /** Its name; empty in a container, whose name and machine id may be those of others. */
  readonly host: string;
  /** The id of this start of the machine. */
  readonly boot: string;
  /** The number of the PID namespace; empty where the system has none. */
  readonly pidSpace: string;
}

/** How much can be said here of a process elsewhere. */
export type Reach =
  /** It is one of ours to look at. */
  | { readonly is: 'here' }
  /** It ran before this machine was started anew. */
  | { readonly is: 'before a restart' }
  | { readonly is: 'unknown'; readonly why: string };

/** Whether `here` can tell what became of a process that ran at `there`. @param here  undefined where this process cannot tell where it runs */
export function reachOf(there: Whereabouts, here: Whereabouts | undefined): Reach {
  if (here === undefined) return unknown('this process cannot see in which machine or container it runs');
  if (there.boot === '') return unknown('nobody noted where it was started');
  const where = there.host === '' ? 'a container' : there.host;
  if (there.boot === here.boot) {
    if (there.machine !== here.machine) return unknown(`it was started on another machine (${where})`);
    if (there.pidSpace === here.pidSpace) return { is: 'here' };
    return unknown('it was started in another PID namespace of this machine (a container)');
  }
  const sameMachine = there.machine !== '' && there.machine === here.machine;
  if (sameMachine && there.host !== '' && there.host === here.host) return { is: 'before a restart' };
  return unknown(`it was started on another machine, or before a restart of a container (${where})`);
}

function unknown(why: string): Reach {
  return { is: 'unknown', why };
}

/** Where this process runs, which never changes; undefined where that cannot be read. */
export const whereabouts: () => Promise<Whereabouts | undefined> = onceKnown(() =>
  (process.platform === 'linux' ? onLinux() : elsewhere()).catch(() => undefined),
);

/** `<machine>@<host>/<boot>/<PID namespace>`, without a colon. */
export function whereaboutsText({ machine, host, boot, pidSpace }: Whereabouts): string {
  return `${plain(machine)}@${plain(host)}/${plain(boot)}/${plain(pidSpace)}`;
}

/** The same from its text; undefined for another text. */
export function parseWhereabouts(text: string): Whereabouts | undefined {
  const [, machine, host, boot, pidSpace] = /^([^@/]*)@([^@/]*)\/([^/]*)\/([^/]*)$/.exec(text) ?? [];
  if (machine === undefined || host === undefined || boot === undefined || pidSpace === undefined)
    return undefined;
  return { machine, host: decodeURIComponent(host), boot, pidSpace };
}

/** Letters, digits and a few signs, whatever a host is called. */
function plain(word: string): string {
  return encodeURIComponent(word);
}

/** The numbers of the namespaces in which the kernel itself starts. Source: include/linux/proc_ns.h */
const FIRST_PID_SPACE = 'pid:[4026531836]';
const FIRST_UTS_SPACE = 'uts:[4026531838]';

async function onLinux(): Promise<Whereabouts | undefined> {
  const [boot, status, pidSpace, utsSpace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    readFile('/proc/self/status', 'utf8'),
    readlink('/proc/self/ns/pid'),
    readlink('/proc/self/ns/uts'),
  ]);
  // A /proc of another namespace shows other processes under our numbers.
  const pids = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/);
  if (pids?.length !== 1 || Number(pids[0]) !== process.pid) return undefined;

  const contained = pidSpace !== FIRST_PID_SPACE || utsSpace !== FIRST_UTS_SPACE;
  return {
    machine: await machineId(),
    host: contained ? '' : hostname(),
    boot: boot.trim(),
    pidSpace: pidSpace.replace(/\D/g, ''),
  };
}

async function machineId(): Promise<string> {
  for (const file of ['/etc/machine-id', '/var/lib/dbus/machine-id', '/sys/class/dmi/id/product_uuid']) {
    const id = (await readFile(file, 'utf8').catch(() => '')).trim();
    // What an image says before its first start: "uninitialized".
    if (/^[0-9a-f-]{32,36}$/i.test(id)) return id;
  }
  return '';
}

async function elsewhere(): Promise<Whereabouts> {
  const { stdout } = await promisify(execFile)('sysctl', ['-n', 'kern.bootsessionuuid']);
  return { machine: process.platform, host: hostname(), boot: stdout.trim(), pidSpace: '' };
}
