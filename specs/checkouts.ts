/**
 * The git checkouts in which specs lie.
 *
 * A spec's source is its repository and its path in it: clones, worktrees and a checkout that was
 * moved are one source. A repository is known by the root commit of its history, which every clone
 * has and which never changes; a shallow clone does not have it, and a repository without a commit
 * has none: there, as outside git, the absolute path of the file is all that is known.
 */
import { basename, dirname, sep } from 'node:path';
import { git } from './git.ts';
import type { Checkout } from './types.ts';

/** A folder's place in a checkout. */
export interface InCheckout extends Checkout {
  /** The folder's path below the checkout's root, with a slash at its end; empty for the root. */
  readonly prefix: string;
}

/**
 * `checkoutsOf` finds the checkout in which each folder lies; folders outside git, or in a
 * repository that cannot be told from others, are left out. It never fails, and writes nothing.
 *
 * @param folders  absolute paths
 */
export async function checkoutsOf(
  folders: Iterable<string>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, InCheckout>> {
  const found = new Map<string, InCheckout>();
  const roots = new Map<string, string | undefined>();
  for (const folder of new Set(folders)) {
    const place = await placeOf(folder, signal);
    if (place === undefined) continue;
    if (!roots.has(place.top)) roots.set(place.top, await rootCommit(folder, signal));
    const repository = roots.get(place.top);
    if (repository === undefined) continue;
    found.set(folder, { repository, root: rootAsNamed(folder, place), prefix: place.prefix });
  }
  return found;
}

interface Place {
  readonly top: string;
  readonly prefix: string;
}

async function placeOf(folder: string, signal?: AbortSignal): Promise<Place | undefined> {
  const said = await git(
    folder,
    ['rev-parse', '--is-shallow-repository', '--show-prefix', '--show-toplevel'],
    signal,
  );
  const [isShallow, prefix, ...top] = said?.replace(/\n$/, '').split('\n') ?? [];
  if (isShallow !== 'false' || prefix === undefined || top.length === 0) return undefined;
  return { prefix, top: top.join('\n') };
}

/** The one commit without a parent that the first parents lead to: merging another history adds roots beside it. */
async function rootCommit(folder: string, signal?: AbortSignal): Promise<string | undefined> {
  const said = await git(folder, ['rev-list', '--first-parent', '--max-parents=0', 'HEAD'], signal);
  const commit = said?.trim();
  return commit === '' ? undefined : commit;
}

/** The checkout's root as the folder names it: git follows links, and files are known by the names they were read under. */
function rootAsNamed(folder: string, { top, prefix }: Place): string {
  if (prefix === '') return folder;
  const below = `${sep}${prefix.slice(0, -1)}`;
  return folder.endsWith(below) ? folder.slice(0, -below.length) || sep : top;
}

/** `sourceIn` is the repository of a file and its path there; both are null where that is not known. */
export function sourceIn(
  file: string,
  checkouts: ReadonlyMap<string, InCheckout>,
): { readonly repository: string | null; readonly path: string | null } {
  const place = checkouts.get(dirname(file));
  if (place === undefined) return { repository: null, path: null };
  return { repository: place.repository, path: `${place.prefix}${basename(file)}` };
}
