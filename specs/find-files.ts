import type { Dirent } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isGone, reasonOf } from './read-text.ts';
import type { SpecProblem } from './types.ts';

/** The files that paths name or hold, and the paths that name or hold none. */
export interface FoundFiles {
  readonly files: readonly {
    /** Absolute. */
    readonly file: string;
    /** Whether a path named it; otherwise a folder held it. */
    readonly named: boolean;
  }[];
  readonly problems: readonly SpecProblem[];
}

/** What walks of folders gather; each belongs to one call of {@link findSpecFiles}. */
interface Walk {
  readonly files: Map<string, boolean>;
  readonly problems: SpecProblem[];
  readonly visited: Set<string>;
}

/** Whether a name is that of a YAML file. */
export function isYaml(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

/** Whether a walk passes over a name: dot folders, dot files and installed packages. */
export function isPassedOver(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}

/**
 * Find the spec files that paths name; folders are walked for `*.yaml` and `*.yml`.
 *
 * Each file comes once, in the order of the paths and then of the names. Links to folders
 * are followed, each folder is walked once.
 */
export async function findSpecFiles(paths: readonly string[], signal?: AbortSignal): Promise<FoundFiles> {
  const walk: Walk = { files: new Map(), problems: [], visited: new Set() };
  for (const path of paths) {
    signal?.throwIfAborted();
    await take(resolve(path), walk, signal);
  }
  return { files: [...walk.files].map(([file, named]) => ({ file, named })), problems: walk.problems };
}

async function take(path: string, walk: Walk, signal?: AbortSignal): Promise<void> {
  const kind = await kindOf(path, walk);
  if (kind === undefined) return;
  if (kind === 'file') {
    walk.files.set(path, true);
    return;
  }
  if (isYaml(path)) {
    walk.problems.push(problem(path, 'is a folder; name a file, or a folder without .yaml'));
    return;
  }
  const { size } = walk.files;
  const complaints = walk.problems.length;
  await descend(path, walk, signal);
  if (walk.files.size === size && walk.problems.length === complaints && !holdsKnown(path, walk)) {
    walk.problems.push(problem(path, 'is a folder without spec files (*.yaml or *.yml)'));
  }
}

async function descend(folder: string, walk: Walk, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  // Where it cannot be told, reading its entries will say why.
  const real = await realpath(folder).catch(() => folder);
  if (walk.visited.has(real)) return;
  walk.visited.add(real);
  for (const entry of await entriesOf(folder, walk)) {
    const path = join(folder, entry.name);
    const candidate = isYaml(entry.name);
    if (candidate && !entry.isDirectory() && !entry.isSymbolicLink()) keep(path, walk);
    else await follow(path, candidate, walk, signal);
  }
}

async function follow(path: string, candidate: boolean, walk: Walk, signal?: AbortSignal): Promise<void> {
  if (candidate) {
    const kind = await kindOf(path, walk);
    if (kind === 'file') keep(path, walk);
    if (kind === 'folder') walk.problems.push(problem(path, 'is a folder, but named like a spec; rename it'));
    return;
  }
  // A link that leads nowhere and is not named like a spec is no concern of ours.
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) await descend(path, walk, signal);
}

/** A folder can be named twice, or within another that was. */
function holdsKnown(folder: string, walk: Walk): boolean {
  return [...walk.files.keys()].some((file) => file.startsWith(`${folder}/`));
}

function keep(path: string, walk: Walk): void {
  if (!walk.files.has(path)) walk.files.set(path, false);
}

/** Entries that are read at a time: a folder of a million files must not come as one list. */
const BUFFER = 1_000;

/** What of a folder may be or hold specs, in the order of names; among data that is little. */
async function entriesOf(folder: string, walk: Walk): Promise<readonly Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder, { bufferSize: BUFFER })) {
      if (!isPassedOver(entry.name) && (isYaml(entry.name) || !entry.isFile())) entries.push(entry);
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    // It was there a moment ago: a folder of a job or a transfer that is over.
    if (!isGone(error)) walk.problems.push(problem(folder, reasonOf(error)));
    return [];
  }
}

async function kindOf(path: string, walk: Walk): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    walk.problems.push(problem(path, reasonOf(error)));
    return undefined;
  }
}

function problem(file: string, sentence: string): SpecProblem {
  return { file, line: 1, column: 1, path: '', sentence };
}
