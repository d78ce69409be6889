/** The members of a dataset whose files are named by paths and globs: what a store lists. */
import { takesHidden } from '../decide/members/hidden-names.ts';
import { chunks } from '../model/chunks.ts';
import type { Member } from '../model/records.ts';
import type { DatasetRow } from '../model/rows.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';
import type { StoredFile } from '../ports/store.ts';
import { found } from './steps/found.ts';

const MEMBERS_A_PAGE = 5_000;

/** Characters that make a name a pattern. */
const PATTERN = /[*?[\]{}()!\\]/;

/**
 * Files by name or glob in the store they come from; their sizes are what the store says.
 *
 * What is named outright is wanted whether or not it is there, and so is what cannot be
 * looked at: such a file has no size yet, waits or fails, and says why.
 */
export async function* listed(
  dataset: DatasetRow,
  ports: SitePorts,
  signal: AbortSignal,
): AsyncGenerator<readonly Member[]> {
  const { spec, site } = dataset.loaded;
  const { source } = spec.input;
  const globs = source.kind === 'files' ? source.files : [];
  const from = site.movers.find((mover) => mover.to === spec.input.store && mover.from in site.stores)?.from;
  const store = from ?? spec.input.store;
  const places = new Map<string, StoredFile | null>();
  for (const glob of globs) {
    const seen = await found(ports.stores, store, 'store').list(glob, 0, signal);
    if (!seen.complete) throw new DriverError('unavailable', `store ${store} did not list all of ${glob}`);
    const named = PATTERN.test(glob) ? [] : [glob.replace(/^\.\//, '')];
    const isMeant = (path: string) => named.length > 0 || takesHidden(glob, path);
    const unseen = [...seen.unknown.keys()].filter(isMeant);
    for (const path of [...named, ...unseen]) places.set(path, places.get(path) ?? null);
    for (const [path, file] of seen.found) if (isMeant(path)) places.set(path, file);
  }
  const { dataTier } = spec.input;
  const member = (sourcePath: string): Member => ({
    name: sourcePath.split('/').at(-1) ?? sourcePath,
    sizeBytes: places.get(sourcePath)?.sizeBytes ?? null,
    modified: places.get(sourcePath)?.modified ?? null,
    eventCount: null,
    checksum: null,
    dataTier,
    run: null,
    sourceStore: store,
    sourcePath,
  });
  for (const paths of chunks([...places.keys()].sort(), MEMBERS_A_PAGE)) yield paths.map(member);
}
