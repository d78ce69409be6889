/**
 * What a file that a catalog, a manifest or a listing names is as a member: whether its
 * run is wanted, and where it comes from.
 */

import { posixPattern } from '../../../specs/posix-pattern.ts';
import { render } from '../../../specs/template.ts';
import type { RunFilter } from '../../../specs/types.ts';
import { agreeing, counted } from '../../model/counted.ts';
import { inFolder } from '../../model/names.ts';
import type { Member } from '../../model/records.ts';
import type { DatasetRow } from '../../model/rows.ts';
import type { CatalogFile } from '../../ports/catalog.ts';
import { bestChecksum } from '../wanted/checksums.ts';
import { placeValues } from '../wanted/wanted.ts';

/** The files of an answer, by what their runs mean for the dataset. */
export interface ByRun<F> {
  readonly wanted: readonly F[];
  /** The spec asks for runs and nobody knows theirs, so that nobody can say whether they are wanted. */
  readonly unknown: readonly F[];
}

/** Tell files of wanted runs from those of unknown ones; those of unwanted runs are in neither. */
export function byRun<F extends { readonly name: string; readonly run: number | null }>(
  { loaded }: DatasetRow,
  files: readonly F[],
): ByRun<F> {
  const { runs, run } = loaded.spec.input;
  const told = run.pattern === null ? files : withRuns(files, run.pattern);
  if (run.pattern === null && asksForAll(runs)) return { wanted: told, unknown: [] };
  return {
    wanted: told.filter((file) => file.run !== null && isWanted(runs, file.run)),
    unknown: told.filter((file) => file.run === null),
  };
}

const asksForAll = ({ include, exclude }: RunFilter) => include.length + exclude.length === 0;

function isWanted({ include, exclude }: RunFilter, run: number): boolean {
  const among = (ranges: RunFilter['include']) => ranges.some(([first, last]) => run >= first && run <= last);
  return (include.length === 0 || among(include)) && !among(exclude);
}

/**
 * Why no new work is begun for a member, by its run; undefined where its run is wanted.
 *
 * Members follow a changed spec once they are asked for, which may take a while: a run that
 * has become a bad one is left alone from the moment the spec says so.
 */
export function unwantedRun(
  { loaded }: DatasetRow,
  { name, run }: { readonly name: string; readonly run: number | null },
): string | undefined {
  const { runs, run: how } = loaded.spec.input;
  if (asksForAll(runs)) return undefined;
  const known = run ?? (how.pattern === null ? null : runInName(how.pattern)(name));
  if (known === null) return 'its run is not known, and the spec asks for runs (spec.input.runs)';
  return isWanted(runs, known) ? undefined : `run ${known} is not wanted (spec.input.runs)`;
}

function withRuns<F extends { readonly name: string; readonly run: number | null }>(
  files: readonly F[],
  pattern: string,
): readonly F[] {
  const runOf = runInName(pattern);
  return files.map((file) => (file.run === null ? { ...file, run: runOf(file.name) } : file));
}

/** How names tell runs: the first group of the pattern; null where that is no run. */
export function runInName(pattern: string): (name: string) => number | null {
  const read = posixPattern(pattern);
  return (name) => {
    const written = (read.ok ? read.match(name)?.[1] : undefined) ?? '';
    if (!/^[0-9]+$/.test(written)) return null;
    const run = Number(written);
    return Number.isSafeInteger(run) ? run : null;
  };
}

/** The kind of the problem that files are, of which nobody can say whether their runs are wanted. */
export const RUN_UNKNOWN = 'run unknown';

/** Names that a sentence lists before it only counts. */
const NAMES_TOLD = 3;

/** The problem that files whose runs nobody knows are; null where there are none. */
export function unknownRuns({ loaded }: DatasetRow, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const more = names.length > NAMES_TOLD ? ` and ${names.length - NAMES_TOLD} more` : '';
  const which = `${names.slice(0, NAMES_TOLD).join(', ')}${more}`;
  const left = `${counted(names.length, 'file')} ${agreeing(names.length, 'is', 'are')} not processed`;
  return loaded.spec.input.run.pattern === null
    ? `${left}, since spec.input.runs asks for runs and nobody knows theirs: ${which}; say how a name tells its run by spec.input.run, or put the catalog right`
    : `${left}, since no run is found in the name by spec.input.run.pattern: ${which}; put the pattern right, or name fewer files`;
}

/** A file of a catalog as a member of a dataset. */
export function memberOf(dataset: DatasetRow, file: CatalogFile): Member {
  const { name, sizeBytes, eventCount, dataTier, run } = file;
  const checksum = bestChecksum(file.checksums);
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
