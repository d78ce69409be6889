import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, type Pack, pack } from 'tar-stream';
import { DriverError } from '../../ports/errors.ts';
import {
  removeTemporariesOf,
  syncFile,
  syncFolder,
  TEMPORARY_PREFIX,
  temporaryBeside,
} from '../store/durable.ts';
import { saysAbsent, systemCode } from '../store/faults.ts';

/**
 * Make one tar of some folders, replacing what is under its name; the same files
 * make the same bytes, whoever packs them.
 *
 * A file is taken as long as it is when its turn comes; what is added to it later is left out.
 *
 * @returns by folder's name the files that are in it, in the order of their names;
 *   a folder that is not there is left out
 */
export async function packFolders(
  folders: readonly string[],
  localFile: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const held = new Map<string, readonly string[]>();
  const tar = pack();
  await removeTemporariesOf(localFile);
  const temporary = temporaryBeside(localFile);
  // When either end of the pipe fails, the other must not wait for it.
  const broken = new AbortController();
  const either = AbortSignal.any([signal, broken.signal]);
  const stop = (error: unknown) => {
    broken.abort(error);
    throw error;
  };
  const fill = async () => {
    for (const folder of folders) {
      const files = await filesBelow(folder, '');
      if (!files) continue;
      for (const file of files) await addFile(tar, folder, file, either);
      held.set(basename(folder), files);
    }
    tar.finalize();
  };
  try {
    const written = pipeline(tar, createWriteStream(temporary, { flags: 'wx' }), { signal: either });
    const ends = await Promise.allSettled([fill().catch(stop), written.catch(stop)]);
    if (broken.signal.aborted) throw broken.signal.reason;
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    await syncFile(temporary);
    await rename(temporary, localFile);
    await syncFolder(dirname(localFile));
  } finally {
    await rm(temporary, { force: true });
  }
  return held;
}

/**
 * What a tar of folders holds, by folder's name.
 *
 * @returns undefined when there is no such file
 */
export async function packedIn(
  localFile: string,
): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  const source = await open(localFile).catch((error: unknown) => {
    if (saysAbsent(error)) return undefined;
    throw error;
  });
  if (source === undefined) return undefined;
  const held = new Map<string, string[]>();
  const entries = extract();
  const read = pipeline(source.createReadStream(), entries);
  const names = async () => {
    for await (const entry of entries) {
      const [folder = '', ...file] = entry.header.name.split('/');
      held.set(folder, [...(held.get(folder) ?? []), file.join('/')]);
      entry.resume();
    }
  };
  await Promise.all([read, names()]);
  return held;
}

async function addFile(tar: Pack, folder: string, file: string, signal: AbortSignal): Promise<void> {
  const { size, mtimeMs, mode } = await stat(join(folder, file));
  // Whole seconds and no owner: nothing that differs between two machines.
  const header = {
    name: `${basename(folder)}/${file}`,
    size,
    mtime: new Date(Math.floor(mtimeMs / 1000) * 1000),
    mode: mode & 0o777,
    uid: 0,
    gid: 0,
  };
  if (size === 0) {
    tar.entry(header, '');
    return;
  }
  try {
    await pipeline(createReadStream(join(folder, file), { end: size - 1 }), tar.entry(header), { signal });
  } catch (error) {
    if (signal.aborted || systemCode(error) !== undefined) throw error;
    throw new DriverError('unavailable', `${header.name} changed while it was packed`, { cause: error });
  }
}

/** Regular files only, in the order of their names; undefined when there is no folder. */
async function filesBelow(folder: string, below: string): Promise<readonly string[] | undefined> {
  try {
    const entries = await readdir(join(folder, below), { withFileTypes: true });
    const files: string[] = [];
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith(TEMPORARY_PREFIX)) continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isFile()) files.push(path);
      if (entry.isDirectory()) files.push(...((await filesBelow(folder, path)) ?? []));
    }
    return files;
  } catch (error) {
    if (saysAbsent(error)) return undefined;
    throw error;
  }
}
