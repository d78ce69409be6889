import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { isPassedOver, isYaml } from './find-files.ts';

/** Changes closer together than this are one: editors write, rename and touch. */
const SETTLED_MS = 250;

/** A stream of changes is told of at least this often, or it would never be. */
const PATIENCE_MS = 1_000;

/**
 * Watch spec files and folders, and tell of changes once writing has settled.
 *
 * New, changed, renamed and removed files are told of within about a second, by absolute
 * path, several as one. A removed and recreated file is one change: it must be read
 * again to know. Dot folders and node_modules are passed over; a path may itself be or lie in one.
 *
 * @param extra  files that specs point to, such as run lists; they need no YAML name
 * @param onError  told when the system refuses to watch a path; what is watched stays so
 * @returns once watching is ready; it goes on until the signal
 * @throws the system's error when a path cannot be watched from the beginning
 */
export async function watchSpecs(
  paths: readonly string[],
  onChange: (changedFiles: readonly string[]) => void,
  signal: AbortSignal,
  extra: readonly string[] = [],
  onError: (error: unknown) => void = () => {},
): Promise<void> {
  if (signal.aborted) return;
  const roots = await Promise.all(paths.map(rootOf));
  const named = new Set([...roots.flatMap(({ file }) => file ?? []), ...extra.map((file) => resolve(file))]);
  // Of a file its folder is watched: renaming another over it replaces what a watch would hang on.
  const folders = roots.flatMap(({ folder }) => folder ?? []);
  const besides = [...new Set([...named].map((file) => dirname(file)))];

  const wanted = (path: string) =>
    named.has(path) || folders.some((folder) => isYaml(path) && isBelow(path, folder));
  const ignored = (path: string) =>
    !besides.includes(path) &&
    !named.has(path) &&
    !folders.some((folder) => path === folder || isBelow(path, folder));

  const watcher = watch([...new Set([...folders, ...besides])], {
    ignored,
    ignoreInitial: true,
    atomic: false,
  });
  const gathering = gather(onChange);
  for (const event of ['add', 'change', 'unlink'] as const) {
    watcher.on(event, (path) => {
      if (wanted(resolve(path))) gathering.add(resolve(path));
    });
  }
  signal.addEventListener('abort', () => {
    gathering.stop();
    watcher.close().catch(onError);
  });
  await ready(watcher, signal, onError);
}

interface Root {
  readonly file?: string;
  readonly folder?: string;
}

async function rootOf(path: string): Promise<Root> {
  const absolute = resolve(path);
  return (await stat(absolute)).isDirectory() ? { folder: absolute } : { file: absolute };
}

/** Whether a path lies below a folder, and no part of the way is passed over. */
function isBelow(path: string, folder: string): boolean {
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  return path.startsWith(prefix) && !path.slice(prefix.length).split('/').some(isPassedOver);
}

function ready(watcher: FSWatcher, signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
  return new Promise((settle, refuse) => {
    let begun = false;
    watcher.on('ready', () => {
      begun = true;
      settle();
    });
    watcher.on('error', (error) => (begun ? onError(error) : refuse(error)));
    signal.addEventListener('abort', () => settle());
  });
}

interface Gathering {
  readonly add: (file: string) => void;
  readonly stop: () => void;
}

/** Changes told together once none has come for a moment. */
function gather(onChange: (changedFiles: readonly string[]) => void): Gathering {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let since = 0;
  const tell = () => {
    const files = [...changed].sort();
    changed.clear();
    onChange(files);
  };
  return {
    add(file) {
      if (changed.size === 0) since = performance.now();
      changed.add(file);
      clearTimeout(timer);
      const left = since + PATIENCE_MS - performance.now();
      timer = setTimeout(tell, Math.max(0, Math.min(SETTLED_MS, left)));
    },
    stop() {
      clearTimeout(timer);
      changed.clear();
    },
  };
}
