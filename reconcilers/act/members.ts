/** Asking which files a dataset wants: the catalog, a manifest, or a store's folder. */
import { render } from '../../specs/template.ts';
import { placeValues } from '../decide/desired.ts';
import { believeMembers, membersAsked } from '../decide/membership.ts';
import { inFolder } from '../decide/names.ts';
import { chunks } from '../decide/plan.ts';
import type { DatasetRow } from '../decide/rows.ts';
import type { CatalogFile } from '../ports/catalog.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';
import type { Member, Records } from '../ports/records.ts';
import { found } from './observe.ts';

/** The files of an NDJSON manifest, in pages. Throws DriverError naming file and line. */
export type ManifestReader = (file: string, signal: AbortSignal) => AsyncIterable<readonly CatalogFile[]>;

/** Ask for the members and write what changed; a bad answer holds the dataset and changes nothing. */
export async function refreshMembers(
  dataset: DatasetRow,
  around: {
    readonly records: Records;
    readonly ports: SitePorts;
    readonly manifest: ManifestReader;
    readonly signal: AbortSignal;
  },
) {
  const { records, ports, manifest, signal } = around;
  const asked = membersAsked(dataset);
  const { kind } = dataset.loaded.spec.input.source;
  return records.members(dataset, () => askMembers(dataset, ports, manifest, signal), {
    repeatable: kind === 'files' || kind === 'manifest',
    onlyGrows: asked.onlyGrows,
    decide: (summary) => believeMembers(summary, asked),
    now: await records.now(),
  });
}

/** The members as they are now, in pages, each with where it comes from. */
export async function* askMembers(
  dataset: DatasetRow,
  ports: SitePorts,
  manifest: ManifestReader,
  signal: AbortSignal,
): AsyncGenerator<readonly Member[]> {
  const { source } = dataset.loaded.spec.input;
  switch (source.kind) {
    case 'definition':
    case 'query': {
      const question = source.kind === 'query' ? { query: source.query } : { definition: source.definition };
      for await (const files of ports.catalog.members(question, signal)) yield members(dataset, files);
      return;
    }
    case 'manifest':
      for await (const files of manifest(source.manifest, signal)) yield members(dataset, files);
      return;
    case 'files':
      yield* listed(dataset, source.files, ports, signal);
  }
}

function members(dataset: DatasetRow, files: readonly CatalogFile[]): readonly Member[] {
  const { runs } = dataset.loaded.spec.input;
  const inRanges = (ranges: typeof runs.include, run: number) =>
    ranges.some(([first, last]) => run >= first && run <= last);
  return files
    .filter(({ run }) => runs.include.length === 0 || (run !== null && inRanges(runs.include, run)))
    .filter(({ run }) => run === null || !inRanges(runs.exclude, run))
    .map((file) => {
      const { name, sizeBytes, eventCount, dataTier, run } = file;
      const checksum = file.checksums.find((sum) => sum.startsWith('adler32:')) ?? null;
      return { name, sizeBytes, eventCount, dataTier, run, checksum, ...sourceOf(dataset, file) };
    });
}

/**
 * Where a file comes from: a location the catalog knows in a store from which a
 * mover leads to the input store, or else that mover's own folder.
 */
function sourceOf({ loaded, requestId }: DatasetRow, file: CatalogFile) {
  const { spec, site } = loaded;
  const movers = site.movers.filter((mover) => mover.to === spec.input.store && mover.from in site.stores);
  const at = (store: string) =>
    file.locations.find((location) => location.startsWith(`${store}:`))?.slice(store.length + 1);
  for (const { from } of movers) {
    const path = at(from);
    if (path !== undefined) return { sourceStore: from, sourcePath: path };
  }
  const here = at(spec.input.store);
  if (here !== undefined) return { sourceStore: spec.input.store, sourcePath: here };
  const [first] = movers;
  if (first === undefined) return { sourceStore: null, sourcePath: null };
  const values = placeValues(requestId, spec.name, file.run);
  return { sourceStore: first.from, sourcePath: inFolder(render(first.path, values), file.name) };
}

const MEMBERS_A_PAGE = 5_000;

/** Characters that make a name a pattern. */
const PATTERN = /[*?[\]{}()!\\]/;

/**
 * Files by name or glob in the store they come from; their sizes are what the store says.
 *
 * What is named outright is wanted whether or not it is there, and so is what cannot be
 * looked at: such a file has no size yet, waits or fails, and says why.
 */
async function* listed(
  dataset: DatasetRow,
  globs: readonly string[],
  ports: SitePorts,
  signal: AbortSignal,
): AsyncGenerator<readonly Member[]> {
  const { spec, site } = dataset.loaded;
  const from = site.movers.find((mover) => mover.to === spec.input.store && mover.from in site.stores)?.from;
  const store = from ?? spec.input.store;
  const places = new Map<string, number | null>();
  for (const glob of globs) {
    const seen = await found(ports.stores, store, 'store').list(glob, 0, signal);
    if (!seen.complete) throw new DriverError('unavailable', `store ${store} did not list all of ${glob}`);
    const named = PATTERN.test(glob) ? [] : [glob.replace(/^\.\//, '')];
    for (const path of [...named, ...seen.unknown.keys()]) places.set(path, places.get(path) ?? null);
    for (const [path, { sizeBytes }] of seen.found) places.set(path, sizeBytes);
  }
  const { dataTier } = spec.input;
  const member = (sourcePath: string): Member => ({
    name: sourcePath.split('/').at(-1) ?? sourcePath,
    sizeBytes: places.get(sourcePath) ?? null,
    eventCount: null,
    checksum: null,
    dataTier,
    run: null,
    sourceStore: store,
    sourcePath,
  });
  for (const paths of chunks([...places.keys()].sort(), MEMBERS_A_PAGE)) yield paths.map(member);
}
