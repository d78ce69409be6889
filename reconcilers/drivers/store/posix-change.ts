import { link, lstat, rm, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StorePath } from '../../../machines/model.ts';
import { DriverError } from '../../ports/errors.ts';
import type { ExpectedBytes } from '../../ports/store.ts';
import { adlerSummer } from './checksum.ts';
import {
  cannotLink,
  giveName,
  makeFolder,
  removeTemporariesOf,
  syncFile,
  syncFolder,
  temporaryBeside,
} from './durable.ts';
import { saysAbsent, systemCode } from './faults.ts';
import { copyToTemporary, holds, type SummedBytes, sumFile } from './file-bytes.ts';
import { checkRoot, pathForWriting, type Root } from './root.ts';

/** One promotion: absolute paths, what messages call them, and how a hard link is made. */
interface Promotion {
  readonly root: Root;
  readonly from: string;
  readonly to: string;
  readonly names: string;
  readonly makeLink: typeof link;
}

/**
 * Give a file another name, replacing nothing; the promise of `Store.promote`.
 *
 * Link, flush, unlink, flush: a crash in between leaves both names on one file,
 * and the next call takes the old one away.
 *
 * @param makeLink  the system's `link`
 */
export async function promoteFile(
  root: Root,
  paths: { readonly from: StorePath; readonly to: StorePath },
  expected: ExpectedBytes | null,
  signal: AbortSignal,
  makeLink: typeof link = link,
): Promise<void> {
  await checkRoot(root);
  const [from, to] = [await pathForWriting(root, paths.from), await pathForWriting(root, paths.to)];
  const names = `${root.what}: ${paths.from} to ${paths.to}`;
  if (from === to) throw new DriverError('rejected', `${names}: both are the same name`);

  const source = await lstatOf(from);
  if (!source) return doneBefore(to, names, expected, signal);
  if (!source.isFile()) throw new DriverError('conflict', `${names}: the first is not a regular file`);
  if (expected && !(await holds(from, expected, signal))) {
    throw new DriverError('conflict', `${names}: the first does not hold the expected bytes`);
  }
  await syncFile(from);
  await makeFolder(root.folder, dirname(to));
  signal.throwIfAborted();

  await secondName({ root, from, to, names, makeLink }, signal);
  await syncFolder(dirname(to));
  // Gone already when another call does the same at this moment.
  await rm(from, { force: true });
  await syncFolder(dirname(from));
}

/** Delete a file that still is the expected one; the promise of `Store.remove`. */
export async function removeFile(
  root: Root,
  path: StorePath,
  expected: ExpectedBytes,
  signal: AbortSignal,
): Promise<void> {
  await checkRoot(root);
  const absolute = await pathForWriting(root, path);
  if (!(await lstatOf(absolute))) return;
  try {
    if (!(await holds(absolute, expected, signal))) {
      throw new DriverError('conflict', `${root.what}: ${path} holds other bytes than those to be deleted`);
    }
    signal.throwIfAborted();
    await unlink(absolute);
  } catch (error) {
    // A link to nothing is not what was to be deleted.
    if (!saysAbsent(error)) throw error;
    if (!(await lstatOf(absolute))) return;
    throw new DriverError('conflict', `${root.what}: ${path} is a symbolic link to nothing`);
  }
  await syncFolder(dirname(absolute));
}

/** Store a local file under a new name; the promise of `Store.put`. */
export async function putFile(
  root: Root,
  localFile: string,
  path: StorePath,
  signal: AbortSignal,
): Promise<SummedBytes> {
  await checkRoot(root);
  const to = await pathForWriting(root, path);
  await makeFolder(root.folder, dirname(to));
  const temporary = temporaryBeside(to);
  const copied = await copyToTemporary(localFile, temporary, signal);
  try {
    signal.throwIfAborted();
    await giveName(temporary, to, link);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    await mustHold(to, copied, `${root.what}: ${localFile} to ${path}`, signal);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(to));
  return copied;
}

async function secondName(promotion: Promotion, signal: AbortSignal): Promise<void> {
  const { from, to, names, makeLink } = promotion;
  try {
    await makeLink(from, to);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return doneBefore(to, names, null, signal);
    if (systemCode(error) === 'EEXIST') return mustBeSame(from, to, names, signal);
    if (!cannotLink(error)) throw error;
    // On another disk a copy lies where no sweep looks: what an earlier call left there is taken away here.
    const beside = systemCode(error) === 'EXDEV' ? to : from;
    if (beside === to) await removeTemporariesOf(to);
    await copyInstead(promotion, temporaryBeside(beside), signal);
  }
}

/** Where one file cannot have two names: a copy, read back before the first may go. */
async function copyInstead(promotion: Promotion, temporary: string, signal: AbortSignal): Promise<void> {
  const { from, to, names, makeLink } = promotion;
  if (await lstatOf(to)) return mustBeSame(from, to, names, signal);

  const copied = await copyToTemporary(from, temporary, signal);
  try {
    await mustHold(temporary, copied, `${names}: the copy`, signal);
    await giveName(temporary, to, makeLink);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    await mustBeSame(from, to, names, signal);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function doneBefore(
  to: string,
  names: string,
  expected: ExpectedBytes | null,
  signal: AbortSignal,
): Promise<void> {
  if (!(await lstatOf(to))) throw new DriverError('absent', `${names}: neither is there`);
  if (expected) await mustHold(to, expected, names, signal);
}

async function mustBeSame(from: string, to: string, names: string, signal: AbortSignal): Promise<void> {
  const [one, other] = await Promise.all([stat(from), stat(to)]);
  if (one.dev === other.dev && one.ino === other.ino) return;
  if (one.size !== other.size) throw new DriverError('conflict', `${names}: the second holds other bytes`);
  await mustHold(to, await sumFile(from, adlerSummer(), signal), names, signal);
}

async function mustHold(
  file: string,
  expected: ExpectedBytes,
  names: string,
  signal: AbortSignal,
): Promise<void> {
  if (!(await holds(file, expected, signal))) {
    throw new DriverError('conflict', `${names}: other bytes are there already`);
  }
}

async function lstatOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (saysAbsent(error)) return undefined;
    throw error;
  }
}
