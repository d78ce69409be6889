import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { run } from './run.ts';

/** What a process is to a data folder. */
export type Role = 'postmaster' | 'backend' | 'other';

const ONLY_PROC = process.platform === 'linux';

/** Whether a process of this id is there at all, whoever's it is; a zombie counts. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * When a process began, in the system's own words: with its id this names it for ever.
 *
 * @returns `undefined` when there is no such process, or only its zombie
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (!ONLY_PROC) return psColumn(pid, 'lstart=');
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the command's name, in brackets, and may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; in a container nobody may ever collect it.
  return fields[0] === 'Z' ? undefined : fields.at(19);
}

/**
 * What a process has to do with a data folder: its postmaster, one of its servers, or nothing.
 *
 * An id out of a lock file may long belong to somebody else; the working folder, the program and its
 * title together cannot.
 */
export async function roleOf(pid: number, data: string): Promise<Role> {
  if (!processExists(pid)) return 'other';
  if (!ONLY_PROC) return (await psColumn(pid, 'command='))?.includes(`-D ${data}`) ? 'postmaster' : 'other';
  try {
    const [works, ours, program] = await Promise.all([
      stat(`/proc/${pid}/cwd`),
      stat(data),
      readlink(`/proc/${pid}/exe`),
    ]);
    if (works.dev !== ours.dev || works.ino !== ours.ino) return 'other';
    if (!basename(program).startsWith('postgres')) return 'other';
    const title = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return title.startsWith('postgres: ') ? 'backend' : 'postmaster';
  } catch {
    // Gone meanwhile, a zombie, or another user's, which no server of this folder can be.
    return 'other';
  }
}

/** The servers that outlived their postmaster and still hold its shared memory; empty where /proc is not. */
export async function orphans(data: string): Promise<readonly number[]> {
  if (!ONLY_PROC) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const roles = await Promise.all(pids.map((pid) => roleOf(pid, data)));
  return pids.filter((_, at) => roles[at] === 'backend');
}

/** Send a signal to a process that may have gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function psColumn(pid: number, column: string): Promise<string | undefined> {
  const as = { account: undefined, folder: '/' };
  const ran = await run('ps', ['-o', column, '-p', String(pid)], as, AbortSignal.timeout(10_000));
  return ran.failure === undefined ? ran.stdout.trim() : undefined;
}
