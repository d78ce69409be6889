/**
 * The files a spec names: run lists, which are read, and manifests, of which only a
 * hash is taken. Both are parts of the spec: a change of one is a change of it.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Issue, Path, SpecDocument } from './document.ts';
import { valueAt } from './fill.ts';
import { readText } from './read-text.ts';
import { type RunList, readRunList } from './runs.ts';
import type { SpecProblem } from './types.ts';

/** What became of a file a spec points to. */
export type Reference =
  | { readonly kind: 'manifest'; readonly hash: string }
  | { readonly kind: 'runs'; readonly list: RunList }
  | { readonly kind: 'wrong'; readonly sentence: string };

/** Files pointed to, by absolute path. */
export type References = ReadonlyMap<string, Reference>;

interface Pointer {
  readonly path: Path;
  /** Absolute. */
  readonly file: string;
  readonly holds: 'runs' | 'manifest';
}

const RUN_LISTS: readonly Path[] = [
  ['spec', 'input', 'runs', 'include'],
  ['spec', 'input', 'runs', 'exclude'],
];
const MANIFESTS: readonly Path[] = [
  ['spec', 'input', 'manifest'],
  ['spec', 'input', 'eventCount', 'manifest'],
];

/** The absolute path of a file a document points to. */
export function besides(document: SpecDocument, file: string): string {
  return resolve(dirname(document.file), file);
}

/** An empty list of the only runs that are wanted would want none, or all: nobody can say. */
export const NO_RUNS = 'names no runs; write some, or leave it out to want every run';

/** Look at every file the documents point to, each once. */
export async function readReferences(
  documents: readonly SpecDocument[],
  signal?: AbortSignal,
): Promise<References> {
  const references = new Map<string, Reference>();
  for (const { file, holds } of documents.flatMap(pointersOf)) {
    if (references.has(file)) continue;
    signal?.throwIfAborted();
    references.set(file, holds === 'runs' ? await runList(file) : await manifest(file, signal));
  }
  return references;
}

/** The issues of a document with the files it points to that are missing or cannot be read. */
export function referenceIssues(document: SpecDocument, references: References): readonly Issue[] {
  return pointersOf(document).flatMap(({ path, file }) => {
    const reference = references.get(file);
    if (reference?.kind === 'wrong') return [{ path, sentence: reference.sentence }];
    const isEmpty = reference?.kind === 'runs' && reference.list.ranges.length === 0;
    return isEmpty && path.at(-1) === 'include' ? [{ path, sentence: `${NO_RUNS} (${file})` }] : [];
  });
}

/** The problems inside the run lists a document points to, at their own lines. */
export function runListProblems(document: SpecDocument, references: References): readonly SpecProblem[] {
  return pointersOf(document).flatMap(({ file }) => {
    const reference = references.get(file);
    if (reference?.kind !== 'runs') return [];
    return reference.list.mistakes.map(({ line, sentence }) => ({
      file,
      line,
      column: 1,
      path: '',
      sentence,
    }));
  });
}

/**
 * Hashes of the manifests a spec names, by absolute path, so that other contents are another spec.
 *
 * @param files  absolute paths; those that are no manifests are passed over
 */
export function manifestHashes(
  files: readonly string[],
  references: References,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    files.flatMap((file) => {
      const reference = references.get(file);
      return reference?.kind === 'manifest' ? [[file, reference.hash] as const] : [];
    }),
  );
}

function pointersOf(document: SpecDocument): readonly Pointer[] {
  const pointer = (path: Path, holds: Pointer['holds']): readonly Pointer[] => {
    const written = valueAt(document.value, path);
    if (typeof written !== 'string' || written === '') return [];
    return [{ path, file: besides(document, written), holds }];
  };
  const manifests = valueAt(document.value, ['spec', 'catalog', 'manifests']);
  const count = Array.isArray(manifests) ? manifests.length : 0;
  return [
    ...RUN_LISTS.flatMap((path) => pointer(path, 'runs')),
    ...MANIFESTS.flatMap((path) => pointer(path, 'manifest')),
    ...Array.from({ length: count }, (_, index) =>
      pointer(['spec', 'catalog', 'manifests', index], 'manifest'),
    ).flat(),
  ];
}

async function runList(file: string): Promise<Reference> {
  const read = await readText(file);
  if (read.ok) return { kind: 'runs', list: readRunList(read.text) };
  const hint = /^[0-9][0-9 -]*$/.test(file.slice(file.lastIndexOf('/') + 1))
    ? '; runs themselves are written in a list, [4711]'
    : '';
  return { kind: 'wrong', sentence: `run list ${file} ${read.sentence}${hint}` };
}

async function manifest(file: string, signal?: AbortSignal): Promise<Reference> {
  try {
    const found = await stat(file);
    if (!found.isFile()) return { kind: 'wrong', sentence: `manifest ${file} is no file` };
    const hash = createHash('sha256');
    for await (const bytes of createReadStream(file, { signal })) hash.update(bytes);
    return { kind: 'manifest', hash: hash.digest('hex') };
  } catch {
    signal?.throwIfAborted();
    return { kind: 'wrong', sentence: `manifest ${file} does not exist or cannot be reached` };
  }
}
