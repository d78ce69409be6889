/** Waivers: events that a person has signed off, as entries of the ledger that are never changed. */
import type { FileId, WaiverKind } from '../../machines/model.ts';
import type { InputRow } from './rows.ts';

/** A person's word about files. */
export interface WaiverWord {
  readonly by: string;
  readonly because: string;
  /** What was named: the file, its run or a group of errors. */
  readonly named: string;
}

/** An input that was named, and the events that its accepted result accounts for; null: it has none. */
export interface NamedInput {
  readonly input: InputRow;
  readonly accounted: number | null;
}

/** An entry to be written, with the file's events as they are now. */
export interface NewWaiver extends WaiverWord {
  readonly fileId: FileId;
  readonly kind: WaiverKind;
  /** null: nobody knows them. */
  readonly events: number | null;
}
