import type { FileId, StorePath, SubmissionName } from '../../machines/model.ts';
import type { LeaseTaken } from './records.ts';
import type { DatasetRow } from './rows.ts';

/** The right to sweep one site, for a while. */
export interface SiteLease {
  readonly site: string;
  readonly epoch: number;
}

/** A submission or archive that is over: nobody writes under its name any more. */
export interface OverSubmission {
  readonly dataset: { readonly id: FileId; readonly name: string };
  /** What it left was put away before; what lies there now came later. */
  readonly swept: boolean;
}

/** An archive that is recorded, whose logs may still be where they were collected. */
export interface UndroppedArchive {
  readonly id: number;
  readonly name: SubmissionName;
  readonly submissions: readonly SubmissionName[];
}

/** Files in a store under names of ours that are no work under way. */
export interface LeftInStore {
  readonly store: string;
  /** `unknown`: of attempts that this database does not know, as of another installation. */
  readonly kind: 'quarantine' | 'unknown';
  readonly files: number;
  readonly sizeBytes: number;
  readonly example: StorePath;
}

/** What a sweep came to. */
export interface Swept {
  /** Submissions whose leavings are put away. */
  readonly names: readonly SubmissionName[];
  /** What was written after the sweep behind its submission. */
  readonly late: readonly {
    readonly datasetId: number;
    readonly submission: SubmissionName;
    readonly message: string;
  }[];
  /** Archives whose logs have left the spool and the drivers. */
  readonly dropped: readonly number[];
  /** Of the stores that were listed whole, all that is left in them; null: nothing is known anew. */
  readonly left: {
    readonly stores: readonly string[];
    readonly found: readonly LeftInStore[];
  } | null;
}

/** What a sweep of a site remembers. */
export interface SweepRecords {
  /** Submissions of datasets that are over and whose leavings have not been put away, with their dataset's name. */
  unswept(datasets: readonly DatasetRow[]): Promise<ReadonlyMap<SubmissionName, string>>;
  /** Which of these names are over: submissions and archives of this database. */
  overAmong(names: readonly SubmissionName[]): Promise<ReadonlyMap<SubmissionName, OverSubmission>>;
  /** Which of these names this database has given, to a submission or archive under way or over. */
  knownAmong(names: readonly SubmissionName[]): Promise<ReadonlySet<SubmissionName>>;
  undropped(datasets: readonly DatasetRow[]): Promise<readonly UndroppedArchive[]>;

  /** Take the lease, or learn who has it. */
  lease(site: string): Promise<SiteLease | LeaseTaken>;
  /** Keep the lease for longer. @throws LeaseLost */
  renew(lease: SiteLease): Promise<void>;
  release(lease: SiteLease): Promise<void>;
  /** Draw a number for what is put into quarantine. @throws LeaseLost */
  number(lease: SiteLease): Promise<number>;
  /** Write what a sweep came to. @throws LeaseLost: nothing was written */
  commit(lease: SiteLease, swept: Swept): Promise<void>;
}
