/**
 * The files of the `local` batch system, all below one folder of the spool:
 *
 *   jobs/<name>/order.json   what was asked; the job exists when this folder does
 *               claim.json   which slot is the job's, and who took it
 *               start.json   the one token to run the job, or to cancel it unstarted
 *               leader.json  the job's first process, and its cgroup where it has one
 *               cancel       somebody asked for the end
 *               end.json     how it ended; never changes
 *               tmp/         the job's TMPDIR
 *   queue/<number>.<name>    jobs that wait, in the order of their submission: a number is a time
 *   slots/<slot>.<turn>      who has a slot; only the highest turn of a slot counts
 *   tmp/                     files and folders being prepared
 *
 * Every file gets its name by `link` and every job folder by `rename`, whole and
 * at most once. Nothing that another process may be about to take is ever
 * unlinked: a slot is freed by its job's end, and taken again under its next
 * turn, so two processes cannot both take it.
 *
 * Only what keeps a job from running twice is flushed. An order that a power cut
 * tore is a job that never ran: its end is `void`.
 */
import { randomUUID } from 'node:crypto';
import { access, link, mkdir, open, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SubmissionName } from '../../../../machines/model.ts';
import { once } from '../../../../specs/once.ts';
import { type ProcessIdentity, processIdentity } from '../../process/identity.ts';
import { systemCode } from '../../store/faults.ts';

/** One `local` batch system: its folder and what it is allowed. */
export interface Place {
  /** Absolute. */
  readonly folder: string;
  /** Jobs running at a time. */
  readonly slots: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** Whether jobs get a cgroup of their own where one can be made. */
  readonly cgroups: boolean;
}

export type JobFile = 'order.json' | 'claim.json' | 'start.json' | 'leader.json' | 'cancel' | 'end.json';

/** The folder of one job. */
export function jobFolder(place: Place, name: SubmissionName): string {
  return join(place.folder, 'jobs', name);
}

/** One file of one job. */
export function jobFile(place: Place, name: SubmissionName, file: JobFile): string {
  return join(jobFolder(place, name), file);
}

/** A new name for something being prepared; it tells who prepares it, so that what a killed process left is known. */
export async function prepared(place: Place): Promise<string> {
  const maker = encodeURIComponent((await myself()) ?? '');
  const name = `${maker.length > LONGEST_MAKER ? '' : maker}.${randomUUID()}`;
  return join(place.folder, 'tmp', name);
}

/** A process is the same for as long as it lives. */
const myself = once(() => processIdentity(process.pid).catch(() => undefined));

/** Leaves room for the rest of a name. */
const LONGEST_MAKER = 200;

/** Who prepares, or prepared, what has such a name; empty where nobody noted it. */
export function makerOf(name: string): ProcessIdentity {
  try {
    return decodeURIComponent(name.slice(0, Math.max(0, name.lastIndexOf('.'))));
  } catch {
    return '';
  }
}

/**
 * Make the folders. Repeatable.
 *
 * Only the last name of `folder` is made: where the spool itself is not there
 * (not mounted), an empty one must not be taken for it.
 */
export async function makeFolders(place: Place): Promise<void> {
  // The last of them is there once all have been made.
  if (await exists(join(place.folder, 'tmp'))) return;
  for (const part of ['', 'jobs', 'queue', 'slots', 'tmp']) {
    await mkdir(join(place.folder, part)).catch(ignoring('EEXIST'));
  }
}

/**
 * Whether a file must be there after a power cut.
 *
 * `durable` is what keeps a job from running twice: who has a slot, who may run the job.
 * `plain` is what means nothing once every process has ended with the machine.
 */
export type Lasting = 'durable' | 'plain';

/**
 * Give a file its content and its name in one instant, unless it exists.
 *
 * @returns whether it was this call that made the file
 */
export async function createOnce(
  place: Place,
  path: string,
  content: unknown,
  lasting: Lasting,
): Promise<boolean> {
  const draft = await prepared(place);
  const text = `${JSON.stringify(content)}\n`;
  await (lasting === 'durable' ? writeDurably(draft, text) : writeFile(draft, text));
  try {
    await link(draft, path);
    if (lasting === 'durable') await syncFolder(dirname(path));
    return true;
  } catch (error) {
    return ignoring('EEXIST')(error) ?? false;
  } finally {
    await removeFile(draft);
  }
}

/** Remove a file that may be gone; `rm` would look at it first. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch(ignoring('ENOENT'));
}

/** Write a file and wait until the disk has it. */
async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Make the names in a folder as durable as the files. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * What a file of ours holds; undefined when it is not there or empty.
 *
 * The type is the caller's word: these files are written by this driver alone, whole.
 */
export async function readRecord<T>(path: string): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch(ignoring('ENOENT'));
  return text ? (JSON.parse(text) as T) : undefined;
}

/** Whether a file is there. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error) => ignoring('ENOENT')(error) ?? false,
  );
}

/** A handler that takes some of the system's errors as an answer and throws the others. */
export function ignoring(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(systemCode(error) ?? '')) throw error;
    return undefined;
  };
}
