/** Everything a pass wants written at one point, as data; one transaction writes it whole or not at all. */

import type { FileId, Phase, StorePath } from '../../machines/model.ts';
import type { NewClaim } from './holders.ts';
import type { AttemptEnd, InputRow, JobRow, OutputRow, SubmissionRow, Transition } from './rows.ts';
import type { Gate } from './totals.ts';

/** An attempt to be opened: its row and its place among the live ones (law 3). */
export interface NewAttempt {
  readonly fileId: FileId;
  readonly phase: Phase;
  readonly number: number;
  readonly revision: string;
  readonly submissionId: number;
  readonly jobIndex: number;
  readonly path: StorePath | null;
}

/** The live attempt of a file, revision and phase, and how it ended; nothing is written when none is live. */
export interface EndedAttempt {
  readonly fileId: FileId;
  readonly revision: string;
  readonly phase: Phase;
  readonly end: AttemptEnd;
}

/** An output at its acceptance; its id is drawn when it is written. */
export type NewOutput = Pick<
  OutputRow,
  | 'inputId'
  | 'key'
  | 'name'
  | 'dataTier'
  | 'run'
  | 'sizeBytes'
  | 'eventCount'
  | 'checksum'
  | 'revision'
  | 'attemptId'
  | 'store'
  | 'path'
  | 'attemptPath'
  | 'metadata'
>;

export interface ProblemChange {
  readonly kind: string;
  readonly fileId: FileId | null;
  /** null: it is over. */
  readonly problem: {
    readonly class: import('../../machines/model.ts').ErrorClass | null;
    readonly message: string;
  } | null;
}

export interface ArchiveChange {
  readonly id: number;
  readonly store: string;
  readonly path: StorePath;
  /** The numbers of the submissions that are in it. */
  readonly submissions: readonly number[];
  /** null: it is begun. */
  readonly stored: {
    readonly sizeBytes: number;
    readonly checksum: string | null;
    /** By submission: the names of its files in the tar. */
    readonly entries: ReadonlyMap<number, readonly string[]>;
  } | null;
}

/** What a look at the bytes of an output has come to. */
export interface ScrubChange {
  readonly fileId: FileId;
  readonly result: 'good' | 'corrupt' | 'not on disk' | 'not compared';
  /** That were read for it. */
  readonly bytes: number;
  readonly lookedMs: number;
  readonly dueMs: number;
}

export interface GateChange {
  readonly phase: Phase;
  /** null: it is open. */
  readonly gate: Gate | null;
}

export interface Change {
  /** Rows as they were read and as they are to be; written only where still as read. */
  readonly inputs: readonly { readonly before: InputRow; readonly after: InputRow }[];
  readonly outputs: readonly { readonly before: OutputRow; readonly after: OutputRow }[];
  /** What the catalog, or counting, now says of inputs. */
  readonly details: readonly {
    readonly fileId: FileId;
    readonly sizeBytes: number | null;
    readonly eventCount: number | null;
    readonly checksum: string | null;
    readonly seenChecksum: string | null;
  }[];
  readonly submissions: readonly { readonly before: SubmissionRow; readonly after: SubmissionRow }[];
  readonly newSubmissions: readonly SubmissionRow[];
  readonly jobs: readonly JobRow[];
  readonly newAttempts: readonly NewAttempt[];
  readonly newOutputs: readonly NewOutput[];
  /** What is known of live attempts before they end; their `end.state` is not written yet. */
  readonly attemptNotes: readonly EndedAttempt[];
  readonly attemptEnds: readonly EndedAttempt[];
  readonly transitions: readonly Transition[];
  readonly problems: readonly ProblemChange[];
  readonly gates: readonly GateChange[];
  readonly archives: readonly ArchiveChange[];
  readonly scrubs: readonly ScrubChange[];
  /** Places that from now on belong to an input; nothing is written when one is another's. */
  readonly claims: readonly NewClaim[];
}
