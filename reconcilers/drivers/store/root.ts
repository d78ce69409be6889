import { lstat, mkdir, realpath, stat, statfs } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { StorePath } from '../../../machines/model.ts';
import { DriverError } from '../../ports/errors.ts';
import { saysAbsent } from './faults.ts';

/** A folder below which everything of a store lies. */
export interface Root {
  /** What messages call it, as in `store disk`. */
  readonly what: string;
  /** Absolute. */
  readonly folder: string;
  /** Make the folder when it is missing; otherwise a missing one is taken for an unmounted disk. */
  readonly create: boolean;
  /** Take a missing folder for the empty one that `create` would make: for dry runs. */
  readonly pretend?: boolean;
}

/**
 * Make sure that the root is there.
 *
 * @returns what tells this folder from another later under the same name, a disk
 *   mounted over it included
 * @throws DriverError `unavailable` when it is missing or no folder: the files
 *   below it are unknown then, not absent
 */
export async function checkRoot(root: Root): Promise<string> {
  if (root.create) await mkdir(root.folder, { recursive: true });
  try {
    const found = await stat(root.folder);
    if (found.isDirectory()) return `${found.dev}:${found.ino}`;
  } catch (error) {
    if (!saysAbsent(error)) throw error;
    if (root.pretend) return 'not made yet';
    throw missing(root, 'is missing', error);
  }
  throw missing(root, 'is not a folder', undefined);
}

/**
 * The absolute path of a file below a root.
 *
 * @throws DriverError `rejected` for a path that could leave the root: an empty
 *   one, an absolute one, one with `.`, `..` or nothing between two slashes
 */
export function pathInside(root: Root, path: StorePath): string {
  if (!isPlain(path)) {
    throw new DriverError(
      'rejected',
      `${root.what}: path ${JSON.stringify(path)} is not one below the root; use names separated by single slashes`,
    );
  }
  return join(root.folder, path);
}

/**
 * The absolute path of a file that is about to be written or deleted.
 *
 * @throws DriverError `rejected` also when a symbolic link leads out of the root;
 *   reading through one is allowed
 */
export async function pathForWriting(root: Root, path: StorePath): Promise<string> {
  const absolute = pathInside(root, path);
  const [realRoot, realFolder] = await Promise.all([
    realpath(root.folder),
    realpathOfExisting(dirname(absolute)),
  ]);
  const below = relative(realRoot, realFolder);
  if (below === '..' || below.startsWith(`..${sep}`)) {
    throw new DriverError('rejected', `${root.what}: ${path} leads out of the root to ${realFolder}`);
  }
  return absolute;
}

/**
 * Why a missing file cannot be called absent: the symbolic link on its way that
 * leads nowhere, as to a disk that is not mounted.
 *
 * @returns undefined when there is none
 */
export async function brokenLink(root: Root, absolute: string): Promise<string | undefined> {
  for (let at = absolute; at.length > root.folder.length; at = dirname(at)) {
    const kind = await kindOf(at);
    if (kind === 'other') return undefined;
    if (kind === 'link') {
      // A link that leads somewhere is a folder that does not hold what was asked for.
      return (await leadsSomewhere(at)) ? undefined : `${at} is a symbolic link to nothing`;
    }
  }
  return undefined;
}

async function kindOf(path: string): Promise<'link' | 'other' | 'nothing'> {
  try {
    return (await lstat(path)).isSymbolicLink() ? 'link' : 'other';
  } catch (error) {
    if (saysAbsent(error)) return 'nothing';
    throw error;
  }
}

async function leadsSomewhere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (saysAbsent(error)) return false;
    throw error;
  }
}

async function realpathOfExisting(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    if (!saysAbsent(error) || dirname(folder) === folder) throw error;
    // A dangling link has no real path; what mkdir would make of it is refused there.
    return join(await realpathOfExisting(dirname(folder)), 'new');
  }
}

function isPlain(path: string): boolean {
  return (
    !path.includes('\0') && path.split('/').every((name) => name !== '' && name !== '.' && name !== '..')
  );
}

function missing(root: Root, how: string, cause: unknown): DriverError {
  const message = `${root.what}: folder ${root.folder} ${how}; is it mounted?`;
  return new DriverError('unavailable', message, { cause });
}

/** Bytes that can still be written below a root; of one that would be made, those of the folder it would be made in. */
export async function freeBytesOf(root: Root): Promise<number> {
  await checkRoot(root);
  let folder = root.folder;
  while (!(await stat(folder).catch(() => undefined)) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
