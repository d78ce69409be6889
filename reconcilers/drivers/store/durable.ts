/**
 * Changes of the file system that are still there after a power cut: a file's
 * bytes are flushed before it gets its name, its folder after.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { DriverError } from '../../ports/errors.ts';
import { ADLER32_SEED, adler32, adler32Hex } from './adler32.ts';
import { systemCode } from './faults.ts';

/** What the names of files that are being written begin with. */
export const TEMPORARY_PREFIX = '.rereco-tmp-';

/** A new name in the folder of a target, so short that it fits where the target's own does. */
export function temporaryBeside(target: string): string {
  return join(dirname(target), `${prefixOf(target)}${randomBytes(6).toString('hex')}`);
}

/**
 * Remove what calls that were killed left beside a target while they wrote it.
 *
 * A call that still writes one fails, or writes it anew.
 */
export async function removeTemporariesOf(target: string): Promise<void> {
  const folder = dirname(target);
  const prefix = prefixOf(target);
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) if (name.startsWith(prefix)) await rm(join(folder, name), { force: true });
}

/** A temporary file is named for its target, so that it is found again. */
function prefixOf(target: string): string {
  return `${TEMPORARY_PREFIX}${adler32Hex(adler32(ADLER32_SEED, Buffer.from(basename(target))))}-`;
}

/** Flush a folder's names. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems cannot flush a folder: they keep its names at the server already.
    if (systemCode(error) !== 'EINVAL') throw error;
  } finally {
    await handle.close();
  }
}

/** Flush a file's bytes. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Make a folder below a root and those on the way to it; the root itself is never made.
 *
 * @throws the system's ENOENT when the root is gone
 */
export async function makeFolder(root: string, folder: string): Promise<void> {
  let at = root;
  for (const name of relative(root, folder).split(sep)) {
    const parent = at;
    at = join(at, name);
    if (name !== '' && (await makeOne(at))) await syncFolder(parent);
  }
}

/** How often a small file is written anew when what a call is writing is swept away under it. */
const TRIES = 5;

/**
 * Write a small file whole or not at all, replacing what is there.
 *
 * @param temporaries  the folder in which it is written; beside the target when not given, or
 *   when it lies on another disk
 */
export async function replaceFile(
  target: string,
  text: string,
  mode: number,
  temporaries = dirname(target),
): Promise<void> {
  let folder = temporaries;
  for (let tries = 1; ; tries += 1) {
    const temporary = temporaryBeside(join(folder, basename(target)));
    try {
      await writeNew(temporary, text, mode);
      await rename(temporary, target);
      break;
    } catch (error) {
      await rm(temporary, { force: true });
      const code = systemCode(error);
      if (code === 'EXDEV') folder = dirname(target);
      else if (code !== 'ENOENT' || !(await isFolder(dirname(target)))) throw error;
      if (tries === TRIES) throw error;
    }
  }
  await syncFolder(dirname(target));
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function writeNew(file: string, text: string, mode?: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Write a small file that must not be there yet, whole or not at all.
 *
 * @returns false when there is one under the name already; nothing was changed then
 */
export async function createFile(target: string, text: string): Promise<boolean> {
  const temporary = temporaryBeside(target);
  try {
    await writeNew(temporary, text);
    await giveName(temporary, target, link);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(target));
  return true;
}

/** Where a file system has no hard links, or none between these two names. */
const NO_LINK: readonly (string | undefined)[] = [
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EXDEV',
];

/** Whether an error of `link` means that hard links are not to be had here. */
export function cannotLink(error: unknown): boolean {
  return NO_LINK.includes(systemCode(error));
}

/**
 * Give a temporary file its name, replacing nothing.
 *
 * Without hard links the name is reserved by an empty file first. A crash
 * between the two leaves that empty file, which is a conflict for a person: to
 * take it over could rob somebody who has just reserved the name.
 *
 * @param makeLink  the system's `link`
 * @throws the system's EEXIST when the name is taken
 */
export async function giveName(temporary: string, target: string, makeLink: typeof link): Promise<void> {
  try {
    await makeLink(temporary, target);
  } catch (error) {
    if (!cannotLink(error)) throw error;
    await (await open(target, 'wx')).close();
    await rename(temporary, target);
    return;
  }
  await unlink(temporary);
}

async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory()) return false;
    throw new DriverError('conflict', `${folder} is in the way: it is a file where a folder is needed`);
  }
}
