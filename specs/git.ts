import { execFile } from 'node:child_process';
import { basename, dirname } from 'node:path';

/** Who last changed a file, in which commit; both null where git cannot say. */
export interface Authorship {
  readonly commit: string | null;
  readonly author: string | null;
}

const NOBODY: Authorship = { commit: null, author: null };

/** Git's answer is a courtesy, but stands in the history of a dataset: a busy machine gets its time. */
const PATIENCE_MS = 30_000;

/**
 * The commit and author of each file.
 *
 * Both are null for a file that is not committed, or was changed since: its content is
 * then in no commit. Never fails, and writes nothing, not even git's index.
 *
 * @param files  absolute paths
 */
export async function authorships(
  files: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Authorship>> {
  const found = new Map<string, Authorship>();
  const folders = new Set(files.map((file) => dirname(file)));
  for (const folder of folders) {
    const names = files.filter((file) => dirname(file) === folder).map((file) => basename(file));
    const byName = await inFolder(folder, names, signal);
    for (const file of files) {
      if (dirname(file) === folder) found.set(file, byName.get(basename(file)) ?? NOBODY);
    }
  }
  return found;
}

async function inFolder(
  folder: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Authorship>> {
  const paths = names.map((name) => `:(literal)${name}`);
  // %x01 begins a commit; names follow, each ended by NUL.
  const format = '--format=%x01%H%x00%an%x00';
  const log = ['log', '--no-show-signature', '--no-renames', '--relative', '--name-only', '-z', format];
  const history = await git(folder, [...log, '--', ...paths], signal);
  if (history === undefined) return new Map();
  const changed = await git(
    folder,
    ['diff', '--name-only', '--relative', '-z', 'HEAD', '--', ...paths],
    signal,
  );
  if (changed === undefined) return new Map();

  const found = new Map<string, Authorship>();
  for (const entry of history.split('\x01').slice(1)) {
    const [commit = '', author = '', ...rest] = entry.split('\0');
    for (const name of rest.map((each) => each.trim())) {
      if (name !== '' && !found.has(name)) found.set(name, { commit, author });
    }
  }
  for (const name of changed.split('\0')) found.delete(name);
  return found;
}

/**
 * A repository's own configuration must not start programs; and `git diff` would write the
 * index anew where a file has another time but the same content, optional locks or not.
 */
const QUIET = ['-c', 'core.fsmonitor=false', '-c', 'diff.autoRefreshIndex=false'] as const;

/** What git says in a folder; undefined where it fails, or is not there. */
export function git(
  folder: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  // Inside a git hook these point at another repository or index.
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...environment } = process.env;
  const env = { ...environment, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
  const options = { cwd: folder, env, timeout: PATIENCE_MS, maxBuffer: 64_000_000, signal };
  return new Promise((settle) => {
    try {
      execFile('git', [...QUIET, ...args], options, (error, stdout) => {
        settle(error === null ? stdout : undefined);
      });
    } catch {
      // A file in the place of a folder is refused before git is started.
      settle(undefined);
    }
  });
}
