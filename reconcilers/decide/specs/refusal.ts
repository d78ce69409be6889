/** Why a spec cannot take the place of the one in force, which then stays (law 7). */

import type { LoadedDataset, SpecOrigin } from '../../../specs/types.ts';
import { counted } from '../../model/counted.ts';
import type { DatasetRow } from '../../model/rows.ts';
import { isSameSource } from './source.ts';

/**
 * What of a new spec is forbidden, as far as the specs alone can tell.
 *
 * @param before  the dataset on record; undefined for a new one
 * @param others  every other dataset on record
 * @returns a sentence that begins with the field and says what to do; undefined where nothing is
 */
export function refusalOf(
  after: LoadedDataset,
  before: DatasetRow | undefined,
  others: readonly DatasetRow[],
): string | undefined {
  const { requestId } = after.spec;
  const owner = others.find((row) => requestId !== null && row.requestId === requestId);
  if (owner !== undefined) {
    return `spec.requestId: ${requestId} is the request of dataset ${owner.name}; choose another, or leave it out`;
  }
  if (before === undefined) return undefined;
  if (requestId !== null && requestId !== before.requestId) {
    return `spec.requestId: is ${before.requestId} for ever, it is part of every job's name; write that, or leave it out`;
  }
  return siteRefusal(after, before);
}

/** A dataset moves to another site only if its spec says so, not because a site's file was not read. */
function siteRefusal(after: LoadedDataset, { loaded }: DatasetRow): string | undefined {
  if (after.siteIsNamed || after.site.name === loaded.site.name) return undefined;
  const [was, is] = [loaded.site.name, after.site.name];
  return `spec.site: is not written; the dataset works at ${was}, of the sites read now it would be ${is}; write site: ${was} and read its file too, or site: ${is} if it is to move`;
}

/**
 * Whether a spec says the same from the same source, so that it makes no new generation: another
 * checkout of its repository is the same source. One that an older program recorded may lack what
 * this one keeps with it, and is recorded anew.
 */
export function isSameSpec({ loaded: before }: DatasetRow, after: LoadedDataset): boolean {
  const keys = ['digest', 'inputDigest'] as const;
  return keys.every((key) => before[key] === after[key]) && isSameSource(before.origin, after.origin);
}

/**
 * `movedTo` is the origin to put down for a dataset whose spec says the same, where its file was read
 * from another place than is on record; undefined where the place is the same. The commit and its
 * author stay those of the generation.
 */
export function movedTo({ loaded: { origin } }: DatasetRow, after: LoadedDataset): SpecOrigin | undefined {
  const { commit, author } = origin;
  const moved: SpecOrigin = { ...after.origin, commit, author };
  const keys = ['file', 'line', 'siteFile', 'repository', 'path'] as const;
  return keys.every((key) => origin[key] === moved[key]) ? undefined : moved;
}

/** Whether the wanted files are named in another way than the members on record were. */
export function inputDiffers(after: LoadedDataset, { loaded }: DatasetRow): boolean {
  return after.inputDigest !== loaded.inputDigest;
}

/**
 * Whether the wanted files are named in the same way but for their runs: such a change counts
 * at once, also where nobody can say now which files are left. A bad run must not go on.
 */
export function onlyRunsDiffer(after: LoadedDataset, { loaded }: DatasetRow): boolean {
  return sourceKey(after) === sourceKey(loaded);
}

/** One text for equal sources, in whatever order their fields were stored. */
function sourceKey({ spec: { input } }: LoadedDataset): string {
  return JSON.stringify([Object.entries(input.source).sort(), input.store, input.dataTier]);
}

/** The refusal of an input that shares no file with the members on record. @param known  how many there are */
export function disjointRefusal(known: number): string {
  return `spec.input: names none of the ${counted(known, 'file')} this dataset has; other files are another dataset: give it another metadata.name`;
}

/** The refusal of a spec for a dataset whose places may be others' by now; undefined where they are its own. */
export function releasedRefusal({ name, releasedMs }: DatasetRow): string | undefined {
  if (releasedMs === null) return undefined;
  return `metadata.name: dataset ${name} was released and has given up its places for good; give what this spec asks for another metadata.name`;
}
