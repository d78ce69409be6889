import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Millis, SubmissionName } from '../../../machines/model.ts';
import { DriverError } from '../../ports/errors.ts';
import type { Seen } from '../../ports/seen.ts';
import type { JobKey, JobTraces, Spool } from '../../ports/spool.ts';
import { createFile, makeFolder, removeTemporariesOf, replaceFile } from '../store/durable.ts';
import { eachLimited } from '../store/each-limited.ts';
import { answer, saysAbsent, systemCode } from '../store/faults.ts';
import { checkRoot, freeBytesOf, missingRoot, type Root } from '../store/root.ts';
import { DISCARDED } from './names.ts';
import { packedIn, packFolders } from './pack.ts';
import { readTraces } from './traces.ts';

/** What `folderSpool` is told. */
export interface FolderSpoolOptions {
  /** Absolute. While it is missing, every call but `make` is `unavailable`. */
  readonly path: string;
  /** Answer as the empty spool that `make` would make, without making it: for dry runs. */
  readonly pretend?: boolean;
}

const READS_AT_A_TIME = 16;

/** Where temporary files lie; they are made by those who write them. */
const SCRATCH = 'scratch';

/**
 * A folder shared with the worker nodes, `<path>/jobs/<submission>/` for each submission.
 *
 * Names of submissions are checked before they become part of a path.
 */
export function folderSpool(options: FolderSpoolOptions): Spool {
  const root: Root = {
    what: 'spool',
    folder: resolve(options.path),
    pretend: options.pretend ?? false,
  };
  const folder = (name: SubmissionName) => folderOf(root, name);
  const ask = <T>(signal: AbortSignal, call: () => Promise<T>) =>
    answer(root.what, signal, async () => {
      await checkRoot(root);
      return call();
    });

  return {
    make: (signal) => answer(root.what, signal, () => makeRoot(root)),
    folder,
    write: (name, files, signal) => ask(signal, () => writeFiles(root, name, files, signal)),
    read: (jobs, askedAt, signal) => ask(signal, () => readJobs(root, jobs, askedAt, signal)),
    // Repeatable: the mark is one file. Reports stay for the archive, and late ones are not read either.
    discardReports: (names, signal) =>
      ask(signal, () => eachLimited(names, READS_AT_A_TIME, signal, (name) => discardIn(folder(name)))),
    pack: (names, localFile, signal) => ask(signal, () => packInto(root, names, localFile, signal)),
    packed: (localFile, signal) => ask(signal, () => packedIn(localFile)),
    drop: (names, signal) =>
      ask(signal, () =>
        eachLimited(names, READS_AT_A_TIME, signal, (name) =>
          rm(folder(name), { recursive: true, force: true }),
        ),
      ),
    freeBytes: (signal) => answer(root.what, signal, () => freeBytesOf(root)),
    scratch: (name) => join(root.folder, SCRATCH, plainName(name)),
    makeScratch: (signal) => ask(signal, () => makeFolder(root.folder, join(root.folder, SCRATCH))),
    removeScratch: (path, signal) => ask(signal, () => removeScratch(root, path)),
    readText: (path, signal) => ask(signal, () => textOf(pathIn(root, path))),
    replaceText: (path, text, signal) => ask(signal, () => replaceText(root, path, text)),
  };
}

/** No more than the folder and the one it lies in: a path of which more is missing is a slip, or not mounted. */
async function makeRoot(root: Root): Promise<void> {
  for (const folder of [dirname(root.folder), root.folder]) {
    try {
      await mkdir(folder);
    } catch (error) {
      if (saysAbsent(error)) throw new DriverError('unavailable', missingRoot(root), { cause: error });
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  }
  await checkRoot(root);
}

async function writeFiles(
  root: Root,
  name: SubmissionName,
  files: Parameters<Spool['write']>[1],
  signal: AbortSignal,
): Promise<void> {
  const folder = folderOf(root, name);
  await mkdir(folder).catch(async (error: unknown) => {
    // No folder of jobs yet; the spool itself is never made here.
    if (systemCode(error) === 'ENOENT') await makeFolder(root.folder, folder);
    else if (systemCode(error) !== 'EEXIST') throw error;
  });
  for (const file of files) {
    signal.throwIfAborted();
    const target = join(folder, plainName(file.name));
    await rm(target, { force: true });
    await writeFile(target, file.text, { mode: file.executable ? 0o755 : 0o644, flag: 'wx' });
  }
}

async function packInto(
  root: Root,
  names: readonly SubmissionName[],
  localFile: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<SubmissionName, readonly string[]>> {
  const target = dirname(resolve(localFile));
  if (isBelow(root.folder, target)) await makeFolder(root.folder, target);
  const folders = names.map((name) => folderOf(root, name));
  return packFolders(folders, localFile, signal);
}

async function removeScratch(root: Root, path: string): Promise<void> {
  if (dirname(resolve(path)) === join(root.folder, SCRATCH)) {
    await rm(path, { force: true });
    return removeTemporariesOf(path);
  }
  throw new DriverError('rejected', `spool: ${path} is no temporary file of the spool`);
}

async function replaceText(root: Root, path: string, text: string): Promise<void> {
  const file = pathIn(root, path);
  await makeFolder(root.folder, dirname(file));
  await replaceFile(file, text, 0o644);
  await removeTemporariesOf(file);
}

async function readJobs(
  root: Root,
  jobs: readonly JobKey[],
  askedAt: Millis,
  signal: AbortSignal,
): Promise<Seen<JobKey, JobTraces>> {
  const found = new Map<JobKey, JobTraces>();
  const unknown = new Map<JobKey, string>();
  await eachLimited(jobs, READS_AT_A_TIME, signal, async (job) => {
    const colon = job.lastIndexOf(':');
    const name = job.slice(0, colon);
    try {
      found.set(job, await readTraces(folderOf(root, name), name, Number(job.slice(colon + 1))));
    } catch (error) {
      unknown.set(job, error instanceof Error ? error.message : String(error));
    }
  });
  // Folders of a spool unmounted in the middle would look like jobs that left nothing.
  await checkRoot(root);
  return { askedAt, complete: true, found, unknown };
}

async function discardIn(folder: string): Promise<void> {
  try {
    await stat(folder);
  } catch (error) {
    if (saysAbsent(error)) return;
    throw error;
  }
  await createFile(join(folder, DISCARDED), '');
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (saysAbsent(error)) return undefined;
    throw error;
  }
}

function folderOf(root: Root, name: SubmissionName): string {
  if (/^[A-Za-z][A-Za-z0-9_.-]*$/.test(name)) return join(root.folder, 'jobs', name);
  throw new DriverError('rejected', `spool: ${JSON.stringify(name)} is not the name of a submission`);
}

function plainName(name: string): string {
  if (/^[^/\0]+$/.test(name) && name !== '.' && name !== '..') return name;
  throw new DriverError('rejected', `spool: ${JSON.stringify(name)} is not the name of a file`);
}

/** A path of the spool, given in full or below it. */
function pathIn(root: Root, path: string): string {
  const absolute = resolve(root.folder, path);
  if (isBelow(root.folder, absolute)) return absolute;
  throw new DriverError('rejected', `spool: ${path} is not below ${root.folder}`);
}

function isBelow(folder: string, absolute: string): boolean {
  const below = relative(folder, absolute);
  return below !== '' && below !== '..' && !below.startsWith(`..${sep}`);
}
