/**
 * What is remembered, as rows. A decision never changes a row: it makes a new
 * one, and what is written is the difference.
 */
import type { Position } from '../../machines/advance.ts';
import type {
  Checksum,
  ErrorClass,
  FileId,
  JobState,
  Millis,
  OutputState,
  Phase,
  Revision,
  StorePath,
  SubmissionName,
} from '../../machines/model.ts';
import type { LoadedDataset } from '../../specs/types.ts';
import type { Hold } from './holds.ts';

/** A dataset with the generation in force. */
export interface DatasetRow {
  readonly id: number;
  readonly name: string;
  readonly requestId: number;
  readonly generation: number;
  readonly loaded: LoadedDataset;
  readonly orphanedMs: Millis | null;
  /** Since when it has given up its places for good; null while they are its own. */
  readonly releasedMs: Millis | null;
  /** Of it, of its phases, and of the systems and nodes of its site, the oldest first; those that have ended are history. */
  readonly holds: readonly Hold[];
  readonly membersMs: Millis | null;
  /** The hash of the input that the members are the answer to; null before the first. */
  readonly membersInput: string | null;
  /** The doubt about its members in spite of which a person lets it go on with those on record; null: none. */
  readonly membersKept: string | null;
  /** Since when the file has not changed that has not for longest, of those that may still be written; null: none. */
  readonly arrivingSinceMs: Millis | null;
}

/** The columns inputs and outputs share that say how trying went. */
export interface Trying {
  readonly sinceMs: Millis;
  /** Number of the last attempt; only grows. */
  readonly attempt: number;
  readonly retriesUsed: number;
  readonly siteRetries: number;
  readonly class: ErrorClass | null;
  readonly signature: string | null;
  readonly reason: string | null;
  /** null: not by itself. */
  readonly retryAtMs: Millis | null;
  readonly actedMs: Millis;
}

/** `InputRow` is an input of a dataset: what is known of the file, and where it stands. */
export interface InputRow extends Trying, Position {
  readonly id: FileId;
  readonly name: string;
  readonly run: number | null;
  readonly sizeBytes: number | null;
  readonly eventCount: number | null;
  readonly checksum: Checksum | null;
  /** What its copy had when it was verified, where no catalog knows a checksum. */
  readonly seenChecksum: Checksum | null;
  readonly sourceStore: string | null;
  readonly sourcePath: StorePath | null;
  readonly retiredMs: Millis | null;
  /** done, copied: the revision it is done under. */
  readonly revision: Revision | null;
  readonly acceptedAttempt: number | null;
  /** The entry by which a person has waived it; in force while it is in error and not tried again by itself. */
  readonly waiverId: number | null;
  /** Of the jobs that failed with its signature, one after another, the nodes; null: nobody knows. */
  readonly failedNodes: readonly string[] | null;
  /** It failed with its signature as in `JobFailure.suspect`. */
  readonly suspect: boolean;
  /** Where its raw copy lies in the input store. */
  readonly copyPath: StorePath | null;
}

/** `OutputRow` is a file that was made of an input and accepted. */
export interface OutputRow extends Trying {
  readonly id: FileId;
  readonly inputId: FileId;
  readonly key: string;
  readonly name: string;
  readonly dataTier: string;
  readonly run: number | null;
  readonly sizeBytes: number;
  readonly eventCount: number | null;
  readonly checksum: Checksum | null;
  readonly revision: Revision;
  readonly attemptId: number;
  readonly store: string;
  readonly path: StorePath;
  readonly attemptPath: StorePath;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly state: OutputState;
  /** The phase it has trouble in. */
  readonly phase: Phase | null;
  readonly farPath: StorePath | null;
  /** The store of its far copy; null where an older program noted it: the one the spec names. */
  readonly farStore: string | null;
}

export type SubmissionState = 'intended' | 'accepted' | 'closed';

/** `SubmissionRow` is one call to a batch system or mover, under its unique name. */
export interface SubmissionRow {
  readonly id: number;
  readonly name: SubmissionName;
  readonly phase: Phase;
  readonly generation: number;
  readonly site: string;
  readonly driver: string;
  /** Transfers: `from>to`, the stores' names. */
  readonly endpoint: string | null;
  readonly state: SubmissionState;
  readonly systemId: string | null;
  readonly intendedMs: Millis;
  readonly acceptedMs: Millis | null;
}

/** `JobRow` is one job of a submission; a transfer has one for each file. */
export interface JobRow {
  readonly submissionId: number;
  readonly index: number;
  readonly type: string;
  readonly status: JobState;
  readonly refSubmissionId: number | null;
  readonly refIndex: number | null;
  readonly refKind: 'replaces' | 'moves outputs of' | 'merges' | null;
  readonly sinceMs: Millis;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly batchState: string | null;
  readonly stuck: string | null;
  readonly node: string | null;
  readonly processor: string | null;
  readonly cpuMs: number | null;
  readonly wallMs: number | null;
  readonly peakMemoryBytes: number | null;
  /** Since when its system answers that there is no such job; null while it does not. */
  readonly absentMs: Millis | null;
  /** How many times in a row it was found absent, up to as many as prove something. */
  readonly absentSeen: number;
  /** Since when no clear answer came about it; null while one comes. */
  readonly silentMs: Millis | null;
  /** People have been told of the silence. */
  readonly silentTold: boolean;
}

export type AttemptState = 'live' | 'accepted' | 'failed' | 'lost' | 'refused' | 'superseded';

/** A live attempt. Closed ones are history and never read by a decision. */
export interface AttemptRow {
  readonly id: number;
  readonly fileId: FileId;
  readonly phase: Phase;
  readonly number: number;
  readonly revision: Revision;
  readonly submissionId: number;
  readonly jobIndex: number;
  readonly path: StorePath | null;
  readonly openedMs: Millis;
}

/** An archive that was begun: its submissions are in no other, and it is made under this name or never. */
export interface ArchiveRow {
  readonly id: number;
  readonly store: string;
  readonly path: StorePath;
  readonly submissions: readonly Pick<SubmissionRow, 'id' | 'name'>[];
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly state: Exclude<AttemptState, 'live'>;
  readonly class?: ErrorClass;
  readonly signature?: string;
  readonly reason?: string;
  readonly eventsRead?: number;
  readonly eventsSkipped?: number;
  readonly skips?: readonly { readonly events: number; readonly reason: string }[];
  readonly cpuMs?: number | null;
  /** By what a job proved its input; `unchecked: ` and why where nothing did. */
  readonly inputChecksum?: string;
}

/** What a pass reads of one page. Maps are complete for the rows of the page. */
export interface Page {
  /** The rows the page is about, in id order: inputs, outputs, submissions or archives by phase. */
  readonly inputs: readonly InputRow[];
  readonly outputs: readonly OutputRow[];
  /** Live attempts of those inputs (process, transfer) or outputs (publish, export). */
  readonly attempts: readonly AttemptRow[];
  readonly submissions: readonly SubmissionRow[];
  readonly jobs: readonly JobRow[];
  /** Those the page is about. */
  readonly archives: readonly ArchiveRow[];
  /** Outputs whose bytes are due, the one that waits longest first, and what the site has read on that day. */
  readonly scrub: { readonly due: readonly FileId[]; readonly readToday: number } | null;
  /** The last id of the page; the next page starts after it. */
  readonly lastId: number;
}

/** A page without rows, for a writing that concerns no file. */
export const EMPTY_PAGE: Page = {
  inputs: [],
  outputs: [],
  attempts: [],
  submissions: [],
  jobs: [],
  archives: [],
  scrub: null,
  lastId: 0,
};

/** A move of one file or job that becomes one row of history. */
export interface Transition {
  readonly subject:
    | { readonly kind: 'file'; readonly id: FileId }
    | { readonly kind: 'job'; readonly submissionId: number; readonly index: number };
  readonly from: string;
  readonly to: string;
  readonly phase: Phase | null;
  readonly fact: string;
  readonly because: string;
  readonly attempt: number | null;
}
