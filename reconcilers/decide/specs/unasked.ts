/** What becomes of the datasets on record that no spec asks for any more. */
import type { LoadedDataset, LoadedSpecs, SpecOrigin, SpecProblem } from '../../../specs/types.ts';
import type { DatasetRow } from '../../model/rows.ts';
import { filesOf, isSameSource } from './source.ts';

/** A dataset that no spec asks for, and what to do if that was not meant. */
export interface Orphan {
  readonly row: DatasetRow;
  readonly because: string;
}

/** `Unasked` sorts the datasets on record that no spec asks for. */
export interface Unasked {
  /** What a file holds in the place of a dataset that it held before, as problems of the file. */
  readonly problems: readonly SpecProblem[];
  /** Their file is broken, or could not be read: the last good generation stays in force. */
  readonly kept: readonly DatasetRow[];
  readonly orphans: readonly Orphan[];
}

/**
 * Tell datasets whose file is broken from those that are given up.
 *
 * Only a file that was read without a problem, or that is gone from a folder that was read, gives a
 * dataset up. One that now holds a document of another program in its place is taken for broken:
 * a slip must not orphan a dataset that runs.
 *
 * @param known      every dataset on record
 * @param isCovered  whether a spec's file lies, or would lie, in one of the places that were read
 */
export function unaskedFor(
  specs: LoadedSpecs,
  known: readonly DatasetRow[],
  isCovered: (origin: SpecOrigin) => boolean,
): Unasked {
  const asked = new Set(specs.datasets.map(({ spec }) => spec.name));
  const unasked = known.filter(({ name }) => !asked.has(name));
  const problems = heldProblems(specs, unasked);
  const broken = [...[...specs.problems, ...problems].map(({ file }) => file), ...specs.wrongFiles];
  const kept: DatasetRow[] = [];
  const orphans: Orphan[] = [];
  for (const row of unasked) {
    const { origin } = row.loaded;
    const files = filesOf(origin, specs.checkouts);
    // A folder that could not be listed is told by its own path.
    if (broken.some((one) => files.some((file) => file === one || file.startsWith(`${one}/`))))
      kept.push(row);
    else if (isCovered(origin)) orphans.push({ row, because: reasonOf(row, specs, known) });
  }
  return { problems, kept, orphans };
}

/** The documents that were passed over in files that have held datasets, as problems. */
export function heldProblems(specs: LoadedSpecs, known: readonly DatasetRow[]): readonly SpecProblem[] {
  const asked = new Set(specs.datasets.map(({ spec }) => spec.name));
  return specs.passedOver.flatMap((problem) => {
    const held = known.filter(
      ({ name, orphanedMs, loaded }) =>
        orphanedMs === null &&
        !asked.has(name) &&
        filesOf(loaded.origin, specs.checkouts).includes(problem.file),
    );
    if (held.length === 0) return [];
    const names = held.map(({ name }) => name).join(', ');
    const way = 'to give that up, remove this document as well';
    return [{ ...problem, sentence: `${problem.sentence}; the file has held dataset ${names}; ${way}` }];
  });
}

function reasonOf({ name, loaded }: DatasetRow, specs: LoadedSpecs, known: readonly DatasetRow[]): string {
  const { file } = loaded.origin;
  if (!filesOf(loaded.origin, specs.checkouts).some((one) => specs.files.includes(one)))
    return `its file ${file} is gone; put it back if ${name} is to go on`;
  const fresh = newcomers(loaded.origin, specs.datasets, known);
  if (fresh.length === 0) return `its file ${file} asks for it no more`;
  const names = fresh.map(({ spec }) => spec.name).join(', ');
  return `its file ${file} asks for ${names} now; to give ${name} that name instead: \`rereco dataset rename ${name} ${fresh[0]?.spec.name}\``;
}

function newcomers(
  origin: SpecOrigin,
  datasets: readonly LoadedDataset[],
  known: readonly DatasetRow[],
): readonly LoadedDataset[] {
  return datasets.filter(
    (one) => isSameSource(one.origin, origin) && !known.some(({ name }) => name === one.spec.name),
  );
}

/**
 * The dataset on record whose name was changed in its file, by all that specs can tell: the file
 * asks for the same input under a name that nobody has, and for the old one no more.
 */
export function renamedFrom(
  after: LoadedDataset,
  specs: LoadedSpecs,
  known: readonly DatasetRow[],
): DatasetRow | undefined {
  const asked = new Set(specs.datasets.map(({ spec }) => spec.name));
  if (known.some(({ name }) => name === after.spec.name)) return undefined;
  return known.find(
    ({ name, orphanedMs, loaded }) =>
      orphanedMs === null &&
      !asked.has(name) &&
      isSameSource(loaded.origin, after.origin) &&
      loaded.inputDigest === after.inputDigest,
  );
}

/** The refusal of a new name for what a dataset does already, which would do all of it again. */
export function renameRefusal({ spec }: LoadedDataset, { name }: DatasetRow): string {
  return (
    `metadata.name: this file asked for the same input as dataset ${name} before, which no spec asks for now; ` +
    `if ${spec.name} is that dataset, \`rereco dataset rename ${name} ${spec.name}\`; ` +
    `if it is another, write it in a file of its own`
  );
}
