import { lstat, type Stats, stat } from 'node:fs';
import { dirname } from 'node:path';
import type { Millis, StorePath } from '../../../machines/model.ts';
import { DriverError } from '../../ports/errors.ts';
import type { Seen } from '../../ports/seen.ts';
import type { StatDepth, StoredFile } from '../../ports/store.ts';
import { adlerSummer, newSummer, type Summer } from './checksum.ts';
import { eachLimited } from './each-limited.ts';
import { saysAbsent } from './faults.ts';
import { sumFile } from './file-bytes.ts';
import { brokenLink, checkRoot, pathInside, type Root } from './root.ts';

/** Enough to keep Node's four file threads busy; promises of fs/promises take four times as long. */
const STATS_AT_A_TIME = 64;

/** Reading is bound by the disk and by one core that sums. */
const SUMS_AT_A_TIME = 4;

/** What is known of one name: a file, nothing, or the reason why neither is known. */
export type Look = { readonly file: StoredFile } | 'absent' | { readonly unknown: string };

/** Ask the file system about files; the promise of `Store.stat`. */
export async function statFiles(
  root: Root,
  paths: readonly StorePath[],
  depth: StatDepth,
  askedAt: Millis,
  signal: AbortSignal,
): Promise<Seen<StorePath, StoredFile>> {
  const before = await checkRoot(root);
  const found = new Map<StorePath, StoredFile>();
  const unknown = new Map<StorePath, string>();
  const look = lookInto(root, depth, signal);

  await eachLimited(paths, depth === 'size' ? STATS_AT_A_TIME : SUMS_AT_A_TIME, signal, async (path) => {
    const seen = await look(path);
    if (seen === 'absent') return;
    if ('file' in seen) found.set(path, seen.file);
    else unknown.set(path, seen.unknown);
  });

  // A disk unmounted in the middle leaves an empty folder, whose files are not lost.
  if (before !== (await checkRoot(root))) {
    throw new DriverError('unavailable', `${root.what}: folder ${root.folder} changed while it was read`);
  }
  return { askedAt, complete: true, found, unknown };
}

/**
 * A look at one file, for many in turn: what was found out about folders is
 * remembered from one to the next.
 */
export function lookInto(
  root: Root,
  depth: StatDepth | 'change',
  signal: AbortSignal,
): (path: StorePath) => Promise<Look> {
  const folders = new Map<string, Promise<string | undefined>>();

  return async (path) => {
    try {
      const absolute = pathInside(root, path);
      const found = await statBy(stat, absolute);
      if (!found) return await absentOrNot(absolute);
      if (!found.isFile()) return { unknown: `${path} is not a file but a ${kindOf(found)}` };
      if (depth === 'change') return { file: { sizeBytes: found.size, modified: markOf(found) } };
      if (depth === 'size') return { file: { sizeBytes: found.size } };
      const summer = summerFor(depth);
      return { file: summer ? await sumFile(absolute, summer, signal) : { sizeBytes: found.size } };
    } catch (error) {
      if (saysAbsent(error)) return 'absent';
      if (signal.aborted || !(error instanceof Error)) throw error;
      return { unknown: error.message };
    }
  };

  async function absentOrNot(absolute: string): Promise<Look> {
    const folder = dirname(absolute);
    let broken = folders.get(folder);
    if (!broken) {
      broken = brokenLink(root, folder);
      folders.set(folder, broken);
    }
    const reason = (await broken) ?? (await brokenHere(absolute));
    return reason === undefined ? 'absent' : { unknown: reason };
  }
}

/**
 * The time at which the bytes were changed and the time at which anything of the file
 * was: a copy that keeps the times of its original sets the first back, never the second.
 */
const markOf = ({ mtimeMs, ctimeMs }: Stats) => `${mtimeMs} ${ctimeMs}`;

/** undefined: a sum nobody here can compute. */
function summerFor(depth: Exclude<StatDepth, 'size'>): Summer | undefined {
  return depth === 'checksum' ? adlerSummer() : newSummer(depth.slice('checksum:'.length));
}

async function brokenHere(absolute: string): Promise<string | undefined> {
  return (await statBy(lstat, absolute)) && `${absolute} is a symbolic link to nothing`;
}

function statBy(call: typeof stat | typeof lstat, absolute: string): Promise<Stats | undefined> {
  return new Promise((resolve, reject) => {
    call(absolute, (error, stats) => {
      if (!error) resolve(stats);
      else if (saysAbsent(error)) resolve(undefined);
      else reject(error);
    });
  });
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'folder';
  if (found.isFIFO()) return 'pipe';
  return found.isSocket() ? 'socket' : 'device';
}
