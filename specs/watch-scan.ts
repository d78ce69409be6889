/** What a watch sees of folders: which there are, and the spec files in them, by names and times alone. */
import { opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isPassedOver, isYaml } from './find-files.ts';

/** A folder that may hold specs. */
export interface SeenFolder {
  readonly path: string;
  /** Everything in it. */
  readonly entries: number;
  readonly holdsSpecs: boolean;
}

/** Folders from the top down, and the mark of every spec file in them. */
export interface Scan {
  readonly folders: readonly SeenFolder[];
  readonly files: ReadonlyMap<string, string>;
}

/** What changes when a file is written, replaced or removed; empty where there is none. */
export async function markOf(file: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, size, ino } = await stat(file);
    return [mtimeMs, ctimeMs, size, ino].join(' ');
  } catch {
    return '';
  }
}

/**
 * Look through folders and all below them, except those that are skipped; links are followed, each
 * folder is looked at once. Files are only listed: nothing but spec files and links is asked for.
 */
export async function scanFolders(
  roots: readonly string[],
  isSkipped: (folder: string) => boolean,
  signal: AbortSignal,
): Promise<Scan> {
  const folders: SeenFolder[] = [];
  const files = new Map<string, string>();
  const visited = new Set<string>();
  // It grows while it is gone through: nearer folders come before deeper ones.
  const todo = [...roots];
  for (const path of todo) {
    signal.throwIfAborted();
    // A folder may go away at any moment; then it has nothing.
    const real = await realpath(path).catch(() => path);
    if (visited.has(real)) continue;
    visited.add(real);
    const { entries, specs, below } = await listFolder(path);
    for (const file of specs) files.set(file, await markOf(file));
    folders.push({ path, entries, holdsSpecs: specs.length > 0 });
    todo.push(...below.filter((folder) => !isSkipped(folder)));
  }
  return { folders, files };
}

/** Entries that are read at a time: a folder of a million files must not come as one list. */
const BUFFER = 1_000;

/** One folder's spec files, and the folders in it that are not passed over. */
export async function listFolder(path: string): Promise<{
  readonly entries: number;
  readonly specs: readonly string[];
  readonly below: readonly string[];
}> {
  let entries = 0;
  const specs: string[] = [];
  const below: string[] = [];
  try {
    for await (const entry of await opendir(path, { bufferSize: BUFFER })) {
      entries++;
      if (isPassedOver(entry.name)) continue;
      const at = join(path, entry.name);
      if (isYaml(entry.name)) specs.push(at);
      else if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(at)))) below.push(at);
    }
  } catch {
    // Gone or locked; what was listed until then was there.
  }
  return { entries, specs: specs.sort(), below: below.sort() };
}

async function isFolder(link: string): Promise<boolean> {
  return (await stat(link).catch(() => undefined))?.isDirectory() ?? false;
}
