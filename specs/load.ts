import { dirname, resolve } from 'node:path';
import { checkoutsOf, type InCheckout, sourceIn } from './checkouts.ts';
import type { SpecDocument } from './document.ts';
import { byPlace } from './errors.ts';
import { findSpecFiles } from './find-files.ts';
import { type Authorship, authorships } from './git.ts';
import { guarded, parted } from './guarded.ts';
import { datasetSpec } from './normalise.ts';
import { siteSpec } from './normalise-site.ts';
import { belongingOf, isLongAndForeign, mayBeSite, mayHoldSite } from './ours.ts';
import { parseSpecs } from './parse.ts';
import { readText } from './read-text.ts';
import { manifestHashes, type References, readReferences } from './references.ts';
import { digestOf, inputDigestOf, revisionOf } from './revision.ts';
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
  const files = [...new Set(good.map(({ document }) => document.file))];
  const authors = await authorships(files, options.signal);
  // Those of the paths as well: of a dataset that is gone from them its checkout tells.
  const folders = [...files.map((file) => dirname(file)), ...paths.map((path) => resolve(path))];
  const checkouts = await checkoutsOf(folders, options.signal);

  const checked = [...validation.sites, ...validation.datasets];
  const problems = [
    ...found.problems,
    ...read.problems,
    ...validation.problems,
    ...checked.flatMap((each) => each.problems),
  ];
  const datasets = parted(
    good.map((each) =>
      guarded(each.document, () => loaded(each, options.stateDir, references, { authors, checkouts })),
    ),
  );
  return {
    datasets: datasets.made,
    sites: validation.sites
      .filter((site) => site.problems.length === 0)
      .map((site) => siteSpec(site.filled, dirname(site.document.file), options.stateDir)),
    problems: distinct([...problems, ...datasets.faults]).sort(byPlace),
    wrongFiles: validation.datasets
      .filter((each) => each.problems.length > 0)
      .map((each) => each.document.file),
    passedOver: read.passedOver,
    files: found.files.map(({ file }) => file),
    namedFiles: [...references.keys()].sort(),
    checkouts: distinct([...checkouts.values()].map(({ repository, root }) => ({ repository, root }))),
  };
}

interface ReadFiles {
  readonly documents: readonly SpecDocument[];
  readonly problems: readonly SpecProblem[];
  readonly passedOver: readonly SpecProblem[];
  /** A file that may hold a site, but none that can be read. */
  readonly lostSite: string | null;
}

/** One file after the other: each may be megabytes, and its tree many times that. */
async function readFiles(
  files: readonly { readonly file: string; readonly named: boolean }[],
  signal?: AbortSignal,
): Promise<ReadFiles> {
  const documents: SpecDocument[] = [];
  const problems: SpecProblem[] = [];
  const passedOver: SpecProblem[] = [];
  let lostSite: string | null = null;
  for (const { file, named } of files) {
    signal?.throwIfAborted();
    const text = await readText(file);
    if (!text.ok) {
      // Gone since the folder was listed: removed, or renamed to another name.
      if (!named && text.isGone) continue;
      problems.push(whole(file, text.sentence));
      continue;
    }
    if (!named && isLongAndForeign(text.text)) {
      passedOver.push(whole(file, 'is no spec'));
      continue;
    }
    const parsed = parseSpecs(file, text.text);
    if (parsed.problems.length > 0 && mayHoldSite(text.text)) lostSite ??= file;
    problems.push(...parsed.problems);
    for (const document of parsed.documents) {
      const whose = belongingOf(document);
      if (whose.is === 'spec') documents.push(document);
      else if (whose.is === 'foreign' && !named) passedOver.push(whose.problem);
      else {
        problems.push(whose.problem);
        if (mayBeSite(document)) lostSite ??= file;
      }
    }
  }
  return { documents, problems, passedOver, lostSite };
}

function whole(file: string, sentence: string): SpecProblem {
  return { file, line: 1, column: 1, path: '', sentence };
}

/** What git says of the files that were read. */
interface InGit {
  readonly authors: ReadonlyMap<string, Authorship>;
  readonly checkouts: ReadonlyMap<string, InCheckout>;
}

function loaded(
  { document, filled, site }: ValidatedDataset,
  stateDir: string,
  references: References,
  { authors, checkouts }: InGit,
): LoadedDataset {
  const folder = dirname((site?.document ?? document).file);
  const where = siteSpec(site?.filled ?? builtInSite(), folder, stateDir);
  const spec = datasetSpec(document, filled, where, references);
  const { commit, author } = authors.get(document.file) ?? { commit: null, author: null };
  const members = inputManifests(spec);
  const counts = spec.input.eventCount.by === 'manifest' ? [spec.input.eventCount.manifest] : [];
  const named = [...members, ...counts, ...where.catalog.manifests];
  const siteFile = site?.document.file ?? null;
  const { file, line } = document;
  const origin: SpecOrigin = { file, line, siteFile, commit, author, ...sourceIn(file, checkouts) };
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

/** Each of equal values once: a run list with a mistake may be used by several datasets; it is told once. */
function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
