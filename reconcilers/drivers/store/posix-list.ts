import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import picomatch from 'picomatch';
import type { Millis, StorePath } from '../../../machines/model.ts';
import { DriverError } from '../../ports/errors.ts';
import type { Seen } from '../../ports/seen.ts';
import type { StoredFile } from '../../ports/store.ts';
import { eachLimited } from './each-limited.ts';
import { saysAbsent } from './faults.ts';
import { lookInto } from './posix-stat.ts';
import { brokenLink, checkRoot, pathInside, type Root } from './root.ts';

const STATS_AT_A_TIME = 64;

/** A folder still to be read. */
interface Folder {
  /** Below the root; empty for the root itself. */
  readonly path: string;
  /** Levels below this one that may hold matches. */
  readonly depth: number;
}

/** What a walk has gathered so far. */
interface Walk {
  readonly found: Map<StorePath, StoredFile>;
  readonly unknown: Map<StorePath, string>;
  unread: number;
}

/** List the files that match a glob; the promise of `Store.list`. */
export async function listFiles(
  root: Root,
  glob: string,
  askedAt: Millis,
  signal: AbortSignal,
): Promise<Seen<StorePath, StoredFile>> {
  const start = startOf(root, glob);
  const before = await checkRoot(root);
  // Names may hold newlines, which `.` in a pattern matches only with the flag `s`.
  const matches = picomatch(glob, { dot: true, nonegate: true, flags: 's' });
  const walk: Walk = { found: new Map(), unknown: new Map(), unread: 0 };

  const folders: Folder[] = [start];
  // Links come last, so that a folder is listed under its own name rather than a link's.
  const links: Folder[] = [];
  const seen = new Set<string>();
  for (let next = folders.pop(); next; next = folders.pop() ?? links.pop()) {
    signal.throwIfAborted();
    const entries = await entriesOf(root, next, seen, walk);
    const below = (entry: Dirent) => ({ path: joined(next, entry.name), depth: next.depth - 1 });
    const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => joined(next, entry.name));
    await lookAtFiles(
      root,
      files.filter((path) => matches(path)),
      walk,
      signal,
    );
    if (next.depth === 0) continue;
    // One by one: a call takes no more than about a hundred thousand arguments.
    for (const entry of entries) {
      if (entry.isDirectory()) folders.push(below(entry));
      if (entry.isSymbolicLink()) links.push(below(entry));
    }
  }

  if (before !== (await checkRoot(root))) {
    throw new DriverError('unavailable', `${root.what}: folder ${root.folder} changed while it was listed`);
  }
  return { askedAt, complete: walk.unread === 0, found: walk.found, unknown: walk.unknown };
}

/** The folder that holds every match, and how deep below it they can lie. */
function startOf(root: Root, glob: string): Folder {
  const { base, glob: rest, isGlob } = picomatch.scan(glob, { nonegate: true });
  const plain = (isGlob ? base : glob).replaceAll(/\\(.)/g, '$1').replace(/^\.\//, '');
  if (plain !== '' && plain !== '.') pathInside(root, plain);
  if (!isGlob) return { path: plain.includes('/') ? plain.slice(0, plain.lastIndexOf('/')) : '', depth: 0 };

  const anyDepth = rest.includes('**') || /[{(]/.test(rest);
  return { path: plain === '.' ? '' : plain, depth: anyDepth ? Infinity : rest.split('/').length - 1 };
}

async function entriesOf(root: Root, folder: Folder, seen: Set<string>, walk: Walk): Promise<Dirent[]> {
  const absolute = folder.path === '' ? root.folder : pathInside(root, folder.path);
  try {
    const { dev, ino } = await stat(absolute);
    if (seen.has(`${dev}:${ino}`)) return [];
    const entries = await readdir(absolute, { withFileTypes: true });
    seen.add(`${dev}:${ino}`);
    return entries;
  } catch (error) {
    const reason = saysAbsent(error) ? await brokenLink(root, absolute) : String(error);
    if (reason === undefined) return [];
    walk.unread += 1;
    walk.unknown.set(folder.path, reason);
    return [];
  }
}

async function lookAtFiles(
  root: Root,
  paths: readonly StorePath[],
  walk: Walk,
  signal: AbortSignal,
): Promise<void> {
  const look = lookInto(root, 'change', signal);
  await eachLimited(paths, STATS_AT_A_TIME, signal, async (path) => {
    const seen = await look(path);
    // Gone since the folder was read; or its name is no UTF-8, so that it cannot be asked for.
    if (seen === 'absent') {
      if (path.includes('\uFFFD')) walk.unknown.set(path, 'its name is not UTF-8');
    } else if ('file' in seen) walk.found.set(path, seen.file);
    else if (!seen.unknown.endsWith('a folder')) walk.unknown.set(path, seen.unknown);
  });
}

function joined(folder: Folder, name: string): string {
  return folder.path === '' ? name : `${folder.path}/${name}`;
}
