/**
 * Watching for changes of specs without watching the data beside them.
 *
 * Folders are watched one by one, not deeply, and of their files only what can be a spec. What
 * costs too much that way (a folder of thousands of files, a file that a spec names in one) is
 * looked at every moment; everything is looked through once in a while, which finds new folders,
 * and stands in for the system's events where it gives none.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { isPassedOver, isYaml } from './find-files.ts';
import { type Gathering, gather } from './gather.ts';
import { type Repeating, repeat } from './repeat.ts';
import { limitReached } from './watch-limits.ts';
import { planWatch } from './watch-plan.ts';
import { listFolder, markOf, scanFolders } from './watch-scan.ts';

/** A watch that goes on. */
export interface SpecWatch {
  /**
   * Follow what specs say now.
   *
   * @param named  files that they name, such as run lists: changes of these are told, too
   * @param data   folders of data, which are not looked through
   */
  readonly follow: (named: readonly string[], data: readonly string[]) => void;
}

const LOOK_EVERY_MS = 700;
const SCAN_EVERY_MS = 60_000;

/** Where the system gives no events. */
const SCAN_EVERY_MS_WITHOUT = 2_000;

interface Watching {
  readonly folders: readonly string[];
  readonly named: Set<string>;
  readonly data: Set<string>;
  /** Files by the mark they had when they were last told of or looked at. */
  readonly marks: Map<string, string>;
  readonly gathering: Gathering;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
  /** Another watcher, of nothing yet. */
  open: () => FSWatcher;
  /** null where the system gives no events. */
  watcher: FSWatcher | null;
  watched: ReadonlySet<string>;
  crowded: readonly string[];
}

/**
 * Watch spec files and folders, and tell of changes once writing has settled.
 *
 * New, changed, renamed and removed files are told of within about a second, by absolute
 * path, several as one. A removed and recreated file is one change: it must be read
 * again to know. Dot folders and node_modules are passed over; a path may itself be or lie in one.
 *
 * @param extra  files that specs point to, such as run lists; they need no YAML name
 * @param onError  told when the system refuses to watch; changes are then found by looking
 * @returns once watching is ready; it goes on until the signal
 * @throws the system's error when a path is not there
 */
export async function watchSpecs(
  paths: readonly string[],
  onChange: (changedFiles: readonly string[]) => void,
  signal: AbortSignal,
  extra: readonly string[] = [],
  onError: (error: unknown) => void = () => {},
): Promise<SpecWatch> {
  const roots = await Promise.all(paths.map(rootOf));
  const files = roots.flatMap(({ file }) => file ?? []);
  const watching: Watching = {
    folders: roots.flatMap(({ folder }) => folder ?? []),
    named: new Set([...files, ...extra.map((file) => resolve(file))]),
    data: new Set(),
    marks: new Map(),
    gathering: gather(onChange),
    signal,
    onError,
    open: () => watch([]),
    watcher: null,
    watched: new Set(),
    crowded: [],
  };
  for (const file of watching.named) watching.marks.set(file, await markOf(file));
  const scanning = await begin(watching);
  return {
    follow(named, data) {
      const now = new Set([...files, ...named]);
      for (const file of watching.named) if (!now.has(file)) forget(watching, file);
      for (const file of now) watching.named.add(file);
      watching.data.clear();
      for (const folder of data) if (!watching.folders.includes(folder)) watching.data.add(folder);
      scanning.soon();
    },
  };
}

interface Root {
  readonly file?: string;
  readonly folder?: string;
}

async function rootOf(path: string): Promise<Root> {
  const absolute = resolve(path);
  return (await stat(absolute)).isDirectory() ? { folder: absolute } : { file: absolute };
}

function forget(watching: Watching, file: string): void {
  watching.named.delete(file);
  watching.marks.delete(file);
}

async function begin(watching: Watching): Promise<Repeating> {
  const { signal, gathering } = watching;
  const every = () => (watching.watcher === null ? SCAN_EVERY_MS_WITHOUT : SCAN_EVERY_MS);
  const complain = (error: unknown) => {
    // The signal ends a look; there is nobody left to tell.
    if (!signal.aborted) watching.onError(error);
  };
  const lookThrough = async () => {
    // What changed between this look and the first event is seen by the next.
    if (await scan(watching, gathering.add)) scanning.soon();
  };
  const scanning = repeat(() => lookThrough().catch(complain), every, signal);
  const looking = () => look(watching).catch(complain);
  repeat(looking, () => LOOK_EVERY_MS, signal);
  signal.addEventListener('abort', () => {
    gathering.stop();
    watching.watcher?.close().catch(watching.onError);
  });
  if (signal.aborted) return scanning;
  watching.open = () => openWatcher(watching, scanning);
  watching.watcher = watching.open();
  const isReady = ready(watching.watcher, signal);
  // What is there at the beginning is no change.
  const isWatching = await scan(watching, () => {}).catch(complain);
  if (isWatching) await isReady;
  scanning.soon();
  return scanning;
}

/**
 * Look through everything: tell what is new, changed or gone, and plan the watch anew.
 *
 * @returns whether more folders are watched than before
 */
async function scan(watching: Watching, tell: (file: string) => void): Promise<boolean> {
  const { folders, data, signal } = watching;
  const found = await scanFolders(folders, (folder) => data.has(folder), signal);
  compare(watching, found.files, () => true, tell);
  const plan = planWatch(found, folders);
  watching.crowded = plan.crowded;
  return watchFolders(watching, new Set(plan.watched));
}

function watchFolders(watching: Watching, now: ReadonlySet<string>): boolean {
  const { watcher, watched: before } = watching;
  if (watcher === null) return false;
  watching.watched = now;
  // Its unwatch() would pass over everything below a folder as well.
  const isLess = [...before].some((folder) => !now.has(folder));
  if (isLess) {
    watcher.close().catch(watching.onError);
    watching.watcher = watching.open();
  }
  const added = [...now].filter((folder) => isLess || !before.has(folder));
  if (added.length > 0) watching.watcher?.add(added);
  return added.length > 0;
}

/** Look at what is not watched and must be told of soon. */
async function look(watching: Watching): Promise<void> {
  const { named, crowded, marks, gathering } = watching;
  for (const file of named) {
    const mark = await markOf(file);
    // One that specs have named since the last look was read by whoever says so.
    if (marks.has(file)) update(marks, file, mark, gathering.add);
    else marks.set(file, mark);
  }
  for (const folder of crowded) {
    const found = new Map<string, string>();
    for (const file of (await listFolder(folder)).specs) found.set(file, await markOf(file));
    compare(watching, found, (file) => dirname(file) === folder, gathering.add);
  }
}

/** Tell what is new, changed or gone among the files of some folders. */
function compare(
  { marks, named }: Watching,
  found: ReadonlyMap<string, string>,
  isThere: (file: string) => boolean,
  tell: (file: string) => void,
): void {
  for (const [file, mark] of found) update(marks, file, mark, tell);
  for (const file of [...marks.keys()]) {
    if (found.has(file) || named.has(file) || !isThere(file)) continue;
    marks.delete(file);
    tell(file);
  }
}

function update(marks: Map<string, string>, file: string, mark: string, tell: (file: string) => void): void {
  if (marks.get(file) === mark) return;
  marks.set(file, mark);
  tell(file);
}

function openWatcher(watching: Watching, scanning: Repeating): FSWatcher {
  const watcher = watch([], {
    ignored: (path, stats) => {
      if (watching.watched.has(path)) return false;
      if (isPassedOver(basename(path)) || watching.data.has(path)) return true;
      return stats !== undefined && !stats.isDirectory() && !isYaml(path);
    },
    ignoreInitial: true,
    atomic: false,
    depth: 0,
  });
  for (const event of ['add', 'change', 'unlink'] as const) {
    watcher.on(event, (path) => void told(watching, resolve(path)));
  }
  for (const event of ['addDir', 'unlinkDir'] as const) watcher.on(event, () => scanning.soon());
  watcher.on('error', (error) => refused(error, watching, scanning));
  return watcher;
}

async function told({ marks, gathering }: Watching, path: string): Promise<void> {
  if (!isYaml(path)) return;
  const mark = await markOf(path);
  // A look must not tell of it once more, but of what comes after.
  if (mark === '') marks.delete(path);
  else marks.set(path, mark);
  gathering.add(path);
}

/** At a limit of the system the watch goes on without its events. */
function refused(error: unknown, watching: Watching, scanning: Repeating): void {
  const { watcher, onError } = watching;
  const limit = limitReached(error, SCAN_EVERY_MS_WITHOUT / 1000);
  if (limit === undefined) onError(error);
  if (limit === undefined || watcher === null) return;
  watching.watcher = null;
  watching.watched = new Set();
  watcher.close().catch(onError);
  scanning.soon();
  onError(new Error(limit, { cause: error }));
}

/** Until the watcher has begun, or cannot. */
function ready(watcher: FSWatcher, signal: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    watcher.on('ready', () => settle());
    watcher.on('error', () => settle());
    signal.addEventListener('abort', () => settle());
  });
}
