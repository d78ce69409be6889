/** What is known of a dataset's members, as data. */
import type { FileId, Millis } from '../../machines/model.ts';

/** A listed file as it was last seen to change. */
export interface Arrival {
  readonly sizeBytes: number;
  readonly modified: string | null;
  /** Since when it is so. */
  readonly sinceMs: Millis;
}

/** A file that is an output of ours, and how it came about. */
export interface Descent {
  /** Its place among those that were asked about. */
  readonly index: number;
  /** The input it was made from; null: it is an archive of logs. */
  readonly madeFrom: FileId | null;
  /** The datasets that made it, and what it was made from, and so on: the nearest first. */
  readonly through: readonly string[];
}

/** How an answer about a dataset's members differs from those known. */
export interface MembersSummary {
  readonly known: number;
  readonly answered: number;
  readonly added: number;
  /** Known and not retired, but not in the answer. */
  readonly gone: number;
  /** In both, with another size or event count, where the file is not verified yet. */
  readonly corrected: number;
  /** Likewise, where it is: reported, never changed. */
  readonly contradicted: number;
  /** Listed, but perhaps still being written: not counted in any of the above. */
  readonly arriving: number;
  /** A name that several files of the answer have; null: none. */
  readonly twice: string | null;
}

/** What is asked when members are asked for. */
export interface MembersAsked {
  /** Nobody has asked by this input before: what it answers was meant. */
  readonly inputIsNew: boolean;
  /** A folder says what lies in it now: what is missing there is not gone from the input. */
  readonly onlyGrows: boolean;
  /** The doubt that a person has let pass; null: none. */
  readonly kept: string | null;
}

/** The same, with what became of the answer on the way. */
export interface MembersAnswered extends MembersAsked {
  /** Files that were left out since nobody knows their runs, in a sentence; null: none were. */
  readonly runless: string | null;
}

/** `keep`: a person lets the dataset go on with the members on record, whatever this doubt. */
export type MembersVerdict = 'apply' | { readonly hold: string } | { readonly keep: string };
