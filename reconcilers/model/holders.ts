/** Whose a place is: the file it belongs to, and the inputs whose raw copies lie there. */
import type { FileId, StorePath } from '../../machines/model.ts';
import type { Place } from '../ports/store.ts';

/** Where a file lies, without its store. */
export type PlaceName = Pick<Place, 'place' | 'path'>;

/** What a place is kept for. */
export type ClaimKind = 'output' | 'far copy' | 'metadata' | 'archive';

/** A file with its dataset. */
export interface Holder {
  readonly datasetId: number;
  readonly dataset: string;
  /** null: an archive of the dataset. */
  readonly inputId: FileId | null;
  /** The input's name. */
  readonly input: string | null;
}

/** The one to which a final place belongs, whatever lies there. */
export interface Owner extends PlaceName, Holder {
  readonly kind: ClaimKind;
}

/** An input whose raw copy lies, or comes to lie, at a path of a store of its dataset's site. */
export interface Reader extends Holder {
  readonly inputId: FileId;
  readonly input: string;
  readonly store: string;
  readonly path: string;
  /** False: it is done, the file comes from elsewhere, and its dataset releases such copies. */
  readonly needed: boolean;
}

/** Who holds the places that were asked for, and which files of the page wait for one. */
export interface Holders {
  /** By `placeKey`. */
  readonly owners: ReadonlyMap<string, Owner>;
  /** By `placeKey`. */
  readonly readers: ReadonlyMap<string, readonly Reader[]>;
  /** By file name: a raw copy of that name may lie anywhere, since its store has not said where it is. */
  readonly unsure: ReadonlyMap<string, string>;
  /** Open problems of the kinds `WAITING_PROBLEMS` and `KEPT`, by kind and file. */
  readonly openProblems: ReadonlyMap<string, ReadonlyMap<FileId, string>>;
}

/** `NOBODY` holds any place, as far as is known: nothing was asked. */
export const NOBODY: Holders = {
  owners: new Map(),
  readers: new Map(),
  unsure: new Map(),
  openProblems: new Map(),
};

/** The key of a place in maps. */
export function placeKey({ place, path }: PlaceName): string {
  return `${place}\n${path}`;
}

/** Whether two files are the same one of the same dataset. */
export function isSameHolder(
  one: Pick<Holder, 'datasetId' | 'inputId'>,
  other: Pick<Holder, 'datasetId' | 'inputId'>,
): boolean {
  return one.datasetId === other.datasetId && one.inputId === other.inputId;
}

/**
 * Whose a place is besides one file's, in words: another file's own, or the raw file of
 * another; undefined where it is nobody else's.
 */
export function heldByOther(
  { owners, readers, unsure }: Holders,
  at: PlaceName,
  one: Pick<Holder, 'datasetId' | 'inputId'>,
): string | undefined {
  const owner = owners.get(placeKey(at));
  if (owner !== undefined && !isSameHolder(owner, one)) {
    return `it belongs to ${owner.input ?? 'an archive'} of dataset ${owner.dataset}`;
  }
  const reader = readers.get(placeKey(at))?.find((each) => each.needed && !isSameHolder(each, one));
  if (reader !== undefined) return `it is the raw file ${reader.input} of dataset ${reader.dataset}`;
  return unsure.get(at.path.slice(at.path.lastIndexOf('/') + 1));
}

/** A place that from now on belongs to an input, or to the dataset. */
export interface NewClaim extends PlaceName {
  readonly kind: ClaimKind;
  readonly inputId: FileId | null;
  readonly outputKey: string | null;
  readonly store: string;
  readonly storePath: StorePath;
}
