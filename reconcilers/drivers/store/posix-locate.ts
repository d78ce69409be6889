import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Millis, StorePath } from '../../../machines/model.ts';
import { DriverError } from '../../ports/errors.ts';
import type { Seen } from '../../ports/seen.ts';
import type { Place } from '../../ports/store.ts';
import { saysAbsent } from './faults.ts';
import { checkRoot, pathInside, type Root } from './root.ts';

/** The place of every path of this host, so that roots within roots share one. */
const PLACE = 'file';

/** What a file system takes, in bytes: of one name, and of a whole path. */
const LONGEST_NAME = 255;
const LONGEST_PATH = 4095;

/** Say where paths lie; the promise of `Store.locate`: real paths, links on the way resolved. */
export async function locateFiles(
  root: Root,
  paths: readonly StorePath[],
  askedAt: Millis,
): Promise<Seen<StorePath, Place>> {
  await checkRoot(root);
  const found = new Map<StorePath, Place>();
  const unknown = new Map<StorePath, string>();
  const folders = new Map<string, string>();
  for (const path of paths) {
    try {
      const absolute = pathInside(root, path);
      const refused = nameProblem(absolute);
      if (refused !== null) {
        found.set(path, { place: PLACE, path: absolute, refused });
        continue;
      }
      const folder = dirname(absolute);
      const real = folders.get(folder) ?? (await realFolder(folder));
      folders.set(folder, real);
      found.set(path, { place: PLACE, path: join(real, basename(absolute)), refused });
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      unknown.set(path, error.message);
    }
  }
  return { askedAt, complete: true, found, unknown };
}

/** The real path of a folder; of one that is not there yet, that of the folder it would be made in. */
async function realFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    if (!saysAbsent(error) || dirname(folder) === folder) throw error;
    return join(await realFolder(dirname(folder)), basename(folder));
  }
}

function nameProblem(absolute: string): string | null {
  const long = absolute.split('/').find((name) => Buffer.byteLength(name) > LONGEST_NAME);
  if (long !== undefined) {
    return `the name ${long.slice(0, 40)}… has ${Buffer.byteLength(long)} bytes, a file system takes ${LONGEST_NAME}`;
  }
  const bytes = Buffer.byteLength(absolute);
  return bytes > LONGEST_PATH ? `the path has ${bytes} bytes, a file system takes ${LONGEST_PATH}` : null;
}
