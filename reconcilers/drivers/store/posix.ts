import { readFile, rename, stat } from 'node:fs/promises';
import { dirname, isAbsolute, normalize } from 'node:path';
import { TEMPORARIES } from '../../../machines/model.ts';
import { DriverError } from '../../ports/errors.ts';
import type { Store } from '../../ports/store.ts';
import { makeFolder, replaceFile, temporaryBeside } from './durable.ts';
import { answer, saysAbsent } from './faults.ts';
import { copyToTemporary } from './file-bytes.ts';
import { promoteFile, putFile, removeFile } from './posix-change.ts';
import { emptyFolders, removeFolders } from './posix-folders.ts';
import { posixJobCommands } from './posix-job-commands.ts';
import { listFiles } from './posix-list.ts';
import { locateFiles } from './posix-locate.ts';
import { statFiles } from './posix-stat.ts';
import { brokenLink, checkRoot, freeBytesOf, pathForWriting, pathInside, type Root } from './root.ts';

/** What `posixStore` is told. */
export interface PosixStoreOptions {
  readonly name: string;
  /** Absolute. While it is missing, every call is `unavailable`; it is never made. */
  readonly root: string;
}

/**
 * A folder tree as a store.
 *
 * Read-back is no proof it gives: nothing makes the system read from the disk
 * what it still has in memory.
 *
 * @throws DriverError `rejected` when the root is not an absolute path
 */
export function posixStore(options: PosixStoreOptions): Store {
  const what = `store ${options.name}`;
  if (!isAbsolute(options.root)) {
    throw new DriverError('rejected', `${what}: root ${options.root} is not an absolute path`);
  }
  const folder = normalize(options.root).replace(/(?<=.)\/+$/, '');
  const root: Root = { what, folder };

  return {
    name: options.name,
    driver: 'posix',
    proofs: ['size', 'checksum'],
    checksums: 'computed',
    // A change waits for the disk most of its time; more at once gain little on one disk.
    atOnce: 8,
    stat: (paths, depth, askedAt, signal) =>
      answer(what, signal, () => statFiles(root, paths, depth, askedAt, signal)),
    locate: (paths, askedAt, signal) => answer(what, signal, () => locateFiles(root, paths, askedAt)),
    list: (glob, askedAt, signal) => answer(what, signal, () => listFiles(root, glob, askedAt, signal)),
    promote: (from, to, expected, signal) =>
      answer(what, signal, () => promoteFile(root, { from, to }, expected, signal)),
    remove: (path, expected, signal) => answer(what, signal, () => removeFile(root, path, expected, signal)),
    put: (localFile, to, signal) => answer(what, signal, () => putFile(root, localFile, to, signal)),
    get: (path, localFile, signal) => answer(what, signal, () => getFile(root, path, localFile, signal)),
    readText: (path, signal) => answer(what, signal, () => textOf(root, path)),
    replaceText: (path, text, signal) => answer(what, signal, () => replaceTextOf(root, path, text)),
    emptyFolders: (below, signal) => answer(what, signal, () => emptyFolders(root, below)),
    removeFolders: (paths, signal) => answer(what, signal, () => removeFolders(root, paths)),
    freeBytes: (signal) => answer(what, signal, () => freeBytesOf(root)),
    jobCommands: posixJobCommands(root),
    localPath: (path) => pathInside(root, path),
  };
}

async function getFile(root: Root, path: string, localFile: string, signal: AbortSignal): Promise<void> {
  await checkRoot(root);
  const from = pathInside(root, path);
  try {
    await stat(from);
  } catch (error) {
    if (saysAbsent(error)) await mustBeAbsent(root, from);
    throw error;
  }
  const temporary = temporaryBeside(localFile);
  await copyToTemporary(from, temporary, signal);
  await rename(temporary, localFile);
}

async function textOf(root: Root, path: string): Promise<string | undefined> {
  await checkRoot(root);
  const absolute = pathInside(root, path);
  try {
    return await readFile(absolute, 'utf8');
  } catch (error) {
    if (!saysAbsent(error)) throw error;
    await mustBeAbsent(root, absolute);
    return undefined;
  }
}

async function replaceTextOf(root: Root, path: string, text: string): Promise<void> {
  await checkRoot(root);
  const absolute = await pathForWriting(root, path);
  const temporaries = pathInside(root, TEMPORARIES);
  for (const folder of [dirname(absolute), temporaries]) await makeFolder(root.folder, folder);
  await replaceFile(absolute, text, 0o644, temporaries);
}

async function mustBeAbsent(root: Root, absolute: string): Promise<void> {
  const broken = await brokenLink(root, absolute);
  if (broken !== undefined) throw new DriverError('unavailable', `${root.what}: ${broken}`);
}
