/** What a file that a catalog or manifest names is as a member: whether its run is wanted, and where it comes from. */
import { render } from '../../specs/template.ts';
import type { CatalogFile } from '../ports/catalog.ts';
import type { Member } from '../ports/records.ts';
import { placeValues } from './desired.ts';
import { inFolder } from './names.ts';
import type { DatasetRow } from './rows.ts';

/** The files whose runs the spec wants. */
export function ofWantedRuns<F extends { readonly run: number | null }>(
  { loaded }: DatasetRow,
  files: readonly F[],
): readonly F[] {
  const { runs } = loaded.spec.input;
  const inRanges = (ranges: typeof runs.include, run: number) =>
    ranges.some(([first, last]) => run >= first && run <= last);
  return files
    .filter(({ run }) => runs.include.length === 0 || (run !== null && inRanges(runs.include, run)))
    .filter(({ run }) => run === null || !inRanges(runs.exclude, run));
}

/** A file of a catalog as a member of a dataset. */
export function memberOf(dataset: DatasetRow, file: CatalogFile): Member {
  const { name, sizeBytes, eventCount, dataTier, run } = file;
  const checksum = file.checksums.find((sum) => sum.startsWith('adler32:')) ?? null;
  return { name, sizeBytes, eventCount, dataTier, run, checksum, ...sourceOf(dataset, file) };
}

/**
 * Where a file comes from: a location the catalog knows in a store from which a
 * mover leads to the input store, or else that mover's own folder.
 */
export function sourceOf({ loaded, requestId }: DatasetRow, file: CatalogFile) {
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
