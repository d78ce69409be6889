import { access, constants, lstat, realpath, stat, statfs } from 'node:fs/promises';
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
  /** Take a missing folder for an empty one that is still to be made: for dry runs over a spool. */
  readonly pretend?: boolean;
}

/**
 * Make sure that the root is there. It is never made: a folder that is missing is
 * a disk that is not mounted, or a slip in the site.
 *
 * @returns what tells this folder from another later under the same name, a disk
 *   mounted over it included
 * @throws DriverError `unavailable` when it is missing or no folder, `forbidden` when
 *   this user may not look into it: the files below it are unknown then, not absent
 */
export async function checkRoot(root: Root): Promise<string> {
  try {
    const found = await stat(root.folder);
    if (!found.isDirectory()) throw noFolder(root);
    await mustBeReadable(root);
    return `${found.dev}:${found.ino}`;
  } catch (error) {
    if (!saysAbsent(error)) throw error;
    if (await isLink(root.folder)) throw danglingRoot(root, error);
    if (root.pretend) return 'not made yet';
    throw missing(root, error);
  }
}

/** The sentence about a root that is missing, with what to type. */
export function missingRoot({ what, folder }: Pick<Root, 'what' | 'folder'>): string {
  return `${what}: its root ${folder} is not there; mount it, or make it: mkdir -p ${shellWord(folder)}`;
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

function missing(root: Root, cause: unknown): DriverError {
  return new DriverError('unavailable', missingRoot(root), { cause });
}

function noFolder({ what, folder }: Root): DriverError {
  const message = `${what}: its root ${folder} is not a folder; put the root of the site right, or what lies there`;
  return new DriverError('unavailable', message);
}

function danglingRoot({ what, folder }: Root, cause: unknown): DriverError {
  const message = `${what}: its root ${folder} is a symbolic link to nothing; mount what it leads to, or put it right`;
  return new DriverError('unavailable', message, { cause });
}

async function mustBeReadable({ what, folder }: Root): Promise<void> {
  try {
    await access(folder, constants.R_OK | constants.X_OK);
  } catch (cause) {
    if (saysAbsent(cause)) throw cause;
    const message = `${what}: its root ${folder} cannot be read by this user; let it be read, or run as another user`;
    throw new DriverError('forbidden', message, { cause });
  }
}

async function isLink(folder: string): Promise<boolean> {
  return lstat(folder).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

/** A path as one word of a command that a person types. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Bytes that can still be written below a root; of one that is still to be made, those of the folder it would be made in. */
export async function freeBytesOf(root: Root): Promise<number> {
  await checkRoot(root);
  let folder = root.folder;
  while (!(await stat(folder).catch(() => undefined)) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
