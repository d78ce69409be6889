import type { Dirent } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StorePath } from '../../../machines/model.ts';
import { syncFolder } from './durable.ts';
import { saysAbsent, systemCode } from './faults.ts';
import { checkRoot, pathForWriting, pathInside, type Root } from './root.ts';

/** Find the folders below a folder in which nothing is; the promise of `Store.emptyFolders`. */
export async function emptyFolders(root: Root, below: StorePath): Promise<readonly StorePath[]> {
  await checkRoot(root);
  const folder = pathInside(root, below);
  const empty: StorePath[] = [];
  for (const entry of await entriesOf(folder)) {
    if (!entry.isDirectory()) continue;
    if ((await entriesOf(join(folder, entry.name))).length === 0) empty.push(`${below}/${entry.name}`);
  }
  return empty;
}

/** Remove folders in which nothing is; the promise of `Store.removeFolders`. */
export async function removeFolders(root: Root, paths: readonly StorePath[]): Promise<void> {
  await checkRoot(root);
  const parents = new Set<string>();
  for (const path of paths) {
    const folder = await pathForWriting(root, path);
    try {
      await rmdir(folder);
      parents.add(dirname(folder));
    } catch (error) {
      // ENOTDIR: a file, or a link to a folder elsewhere.
      const left = ['ENOTEMPTY', 'EEXIST', 'EBUSY'].includes(systemCode(error) ?? '');
      if (!left && !saysAbsent(error)) throw error;
    }
  }
  for (const parent of parents) await syncFolder(parent);
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (saysAbsent(error)) return [];
    throw error;
  }
}
