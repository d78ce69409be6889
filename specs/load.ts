import { dirname } from 'node:path';
import type { SpecDocument } from './document.ts';
import { placed } from './document.ts';
import { byPlace } from './errors.ts';
import { valueAt } from './fill.ts';
import { findSpecFiles } from './find-files.ts';
import { type Authorship, authorships } from './git.ts';
import { guarded, parted } from './guarded.ts';
import { datasetSpec } from './normalise.ts';
import { siteSpec } from './normalise-site.ts';
import { parseSpecs } from './parse.ts';
import { readText } from './read-text.ts';
import { manifestHashes, type References, readReferences } from './references.ts';
import { digestOf, inputDigestOf, revisionOf } from './revision.ts';
import { shown, wordOf } from './shown.ts';
import { builtInSite } from './site-choice.ts';
import type { DatasetSpec, LoadedDataset, LoadedSpecs, SpecOrigin, SpecProblem } from './types.ts';
import { type ValidatedDataset, validateSpecs } from './validate.ts';

/** How specs are loaded. */
export interface LoadOptions {
  /** The program's own folder, in which the spool of a site lies that names none. */
  readonly stateDir: string;
  readonly signal?: AbortSignal;
}

/**
 * Load every spec that files and folders hold.
 *
 * Never throws because of a spec: what is wrong with one file is in `problems` and
 * stops only its own documents, and the datasets of a site that is itself broken.
 * In a folder, documents of other programs are passed over; in a file that was named
 * they are a problem. A file's commit and author are null where git cannot say, and
 * where the file was changed since.
 *
 * @throws only the signal's reason
 */
export async function loadSpecs(paths: readonly string[], options: LoadOptions): Promise<LoadedSpecs> {
  const found = await findSpecFiles(paths, options.signal);
  const read = await readFiles(found.files, options.signal);
  const references = await readReferences(read.documents, options.signal);
  const validation = validateSpecs(read.documents, references, read.lostSite);
  const good = validation.datasets.filter(({ problems }) => problems.length === 0);
  const authors = await authorships([...new Set(good.map(({ document }) => document.file))], options.signal);

  const checked = [...validation.sites, ...validation.datasets];
  const problems = [
    ...found.problems,
    ...read.problems,
    ...validation.problems,
    ...checked.flatMap((each) => each.problems),
  ];
  const datasets = parted(
    good.map((each) => guarded(each.document, () => loaded(each, options.stateDir, references, authors))),
  );
  return {
    datasets: datasets.made,
    sites: validation.sites
      .filter((site) => site.problems.length === 0)
      .map((site) => siteSpec(site.filled, dirname(site.document.file), options.stateDir)),
    problems: distinct([...problems, ...datasets.faults]).sort(byPlace),
    files: found.files.map(({ file }) => file),
    namedFiles: [...references.keys()].sort(),
  };
}

interface ReadFiles {
  readonly documents: readonly SpecDocument[];
  readonly problems: readonly SpecProblem[];
  /** A file that cannot be read and may hold a site. */
  readonly lostSite: string | null;
}

/** One file after the other: each may be megabytes, and its tree many times that. */
async function readFiles(
  files: readonly { readonly file: string; readonly named: boolean }[],
  signal?: AbortSignal,
): Promise<ReadFiles> {
  const documents: SpecDocument[] = [];
  const problems: SpecProblem[] = [];
  let lostSite: string | null = null;
  for (const { file, named } of files) {
    signal?.throwIfAborted();
    const text = await readText(file);
    if (!text.ok) {
      // Gone since the folder was listed: removed, or renamed to another name.
      if (!named && text.isGone) continue;
      problems.push({ file, line: 1, column: 1, path: '', sentence: text.sentence });
      continue;
    }
    if (!named && isForeign(text.text)) continue;
    const parsed = parseSpecs(file, text.text);
    if (parsed.problems.length > 0 && mayHoldSite(text.text)) lostSite ??= file;
    problems.push(...parsed.problems);
    for (const document of parsed.documents) {
      const sentence = strangeness(document, named);
      if (sentence === undefined) documents.push(document);
      else if (sentence !== 'foreign') problems.push(sentence);
    }
  }
  return { documents, problems, lostSite };
}

/** A text of which all is parsed, whatever it says. */
const SHORT = 200_000;

/** Whether a long file is one of another program; parsing it would only take time. */
function isForeign(text: string): boolean {
  return (
    text.length > SHORT && !/rereco/i.test(text) && !/\bkind["']?\s*:\s*["']?(Dataset|Site)\b/i.test(text)
  );
}

function mayHoldSite(text: string): boolean {
  return /\bkind["']?\s*:\s*["']?Site\b/.test(text);
}

/** Why a document is none of ours: `foreign` where that is nobody's mistake. */
function strangeness(document: SpecDocument, named: boolean): SpecProblem | 'foreign' | undefined {
  const { value } = document;
  if (typeof value !== 'object' || Array.isArray(value)) {
    return placed(document, {
      path: [],
      sentence: 'is no spec; a spec is a map of apiVersion, kind, metadata and spec',
    });
  }
  const version = valueAt(value, ['apiVersion']);
  if (version === undefined || version === null) {
    return placed(document, { path: ['apiVersion'], sentence: 'is missing; write apiVersion: rereco/v1' });
  }
  if (wordOf(version).startsWith('rereco/')) return undefined;
  if (!named) return 'foreign';
  return placed(document, {
    path: ['apiVersion'],
    sentence: `${shown(version)} is none of ours; write rereco/v1`,
  });
}

function loaded(
  { document, filled, site }: ValidatedDataset,
  stateDir: string,
  references: References,
  authors: ReadonlyMap<string, Authorship>,
): LoadedDataset {
  const folder = dirname((site?.document ?? document).file);
  const where = siteSpec(site?.filled ?? builtInSite(), folder, stateDir);
  const spec = datasetSpec(document, filled, where, references);
  const { commit, author } = authors.get(document.file) ?? { commit: null, author: null };
  const members = inputManifests(spec);
  const counts = spec.input.eventCount.by === 'manifest' ? [spec.input.eventCount.manifest] : [];
  const named = [...members, ...counts, ...where.catalog.manifests];
  const origin: SpecOrigin = { file: document.file, line: document.line, commit, author };
  return {
    spec,
    site: where,
    origin,
    revision: revisionOf(spec),
    digest: digestOf(spec, where, manifestHashes(named, references)),
    inputDigest: inputDigestOf(spec, manifestHashes(members, references)),
    siteIsNamed: filled.spec.site !== undefined,
  };
}

function inputManifests({ input: { source } }: DatasetSpec): readonly string[] {
  return source.kind === 'manifest' ? [source.manifest] : [];
}

/** A run list with a mistake may be used by several datasets; it is told once. */
function distinct(problems: readonly SpecProblem[]): SpecProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
