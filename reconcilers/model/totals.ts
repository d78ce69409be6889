/** What is counted over a whole dataset. Gates, space and `settled` are decided by it. */
import type { Position } from '../../machines/advance.ts';
import type { ErrorClass, Millis, OutputState, Phase, StorePath } from '../../machines/model.ts';

/** An outside system would not take a phase's new work: nothing is handed to it for a while. */
export interface Gate {
  /** `refused`: it is full, or at a quota. `rejected`: it takes no such order, whoever asks. */
  readonly kind: 'refused' | 'rejected';
  readonly message: string;
  /** How many times in a row it said no. */
  readonly tries: number;
  /** The generation of the order; a later one may be another order. */
  readonly generation: number;
  readonly sinceMs: Millis;
  readonly retryAtMs: Millis;
}

/** What failures of jobs have in common, where that stops more than the files themselves. */
export interface Trouble {
  /** Files in error because a shared service is down; null: none. */
  readonly outage: {
    readonly files: number;
    readonly reason: string;
    /** When the last of them failed. */
    readonly lastMs: Millis;
    /** Files that try the service again just now. */
    readonly probing: number;
    /** A job begun after that has gone well. */
    readonly over: boolean;
  } | null;
  /** Failures since a person last said to go on whose cause may be none of the files', by signature; those of most files first, a hundred at most. */
  readonly alike: readonly AlikeFailures[];
}

/** Files that failed with one signature in a job. Suspect ones count while they are tried again, too. */
export interface AlikeFailures {
  readonly signature: string;
  /** As in `JobFailure`; else their class is one of `BLAMING_CLASSES`. */
  readonly suspect: boolean;
  readonly classes: readonly ErrorClass[];
  readonly files: number;
  /** Jobs of these files that failed so, one after another. */
  readonly tries: number;
  /** On which nodes, at most a hundred; and on how many. */
  readonly nodes: readonly string[];
  readonly onNodes: number;
}

/** What the whole dataset looks like; gates read it. Retired inputs do not count. */
export interface Totals {
  readonly inputs: Readonly<Record<Position['state'], number>>;
  /** Inputs in error that nothing but a person moves, and that nobody has waived. */
  readonly stopped: number;
  /** Inputs in error that a person has waived: as good as done for whoever waits for the dataset. */
  readonly waived: number;
  /** Inputs in error for a reason that may be their own or the software's (no bad node, no outage), since a person last said to go on. */
  readonly failing: number;
  /** Inputs done under another processing revision than the one in force. */
  readonly outdated: number;
  /** Inputs in error that are tried again by themselves, by the phase that failed. */
  readonly retrying: Readonly<Partial<Record<Phase, number>>>;
  /**
   * Inputs that are in no error, and that nothing but a person moves: the place of an output
   * belongs to another file, or something else lies under its final name.
   */
  readonly blocked: number;
  /** Outputs by their key in the spec and their state. */
  readonly outputs: Readonly<Record<string, Readonly<Partial<Record<OutputState, number>>>>>;
  /** Outputs whose trouble nothing but a person ends. */
  readonly outputsStopped: number;
  /** Runs of which an input is not done. */
  readonly openRuns: ReadonlySet<number | null>;
  /** Replicas of raw files that are done and may go (`afterDone: release`). */
  readonly unreleased: number;
  /** Jobs of the process phase, queued or running. */
  readonly liveJobs: number;
  /** Files in transfer, either way; not those that have arrived and wait for a person. */
  readonly liveTransfers: number;
  /** Of those, jobs and files of which nothing has been known for so long that people were told. */
  readonly silent: { readonly jobs: number; readonly transfers: number };
  /** Submissions that are over and not archived yet. */
  readonly unarchived: number;
  /** Open problems of the kinds `UNSETTLING_PROBLEMS`: with one, the dataset is not settled. */
  readonly unsettling: number;
  /** A place that is not this installation's, which stops all passes until a person says whose it is; null: none is known. */
  readonly foreign: { readonly message: string; readonly sinceMs: Millis } | null;
  /** Listed files that may still be written, and are no members until they are whole. */
  readonly arriving: { readonly files: number; readonly example: StorePath | null };
  readonly gates: Readonly<Partial<Record<Phase, Gate>>>;
  readonly trouble: Trouble;
}

/** Sums of bytes, as far as sizes are known. Retired inputs do not count. */
export interface ByteTotals {
  readonly inputs: Readonly<Record<Position['state'], number>>;
  /** Of raw files in transfer. */
  readonly arriving: number;
  /** Of outputs on their way to where they are exported, by key. */
  readonly leaving: Readonly<Record<string, number>>;
  /** Of outputs that are made but not exported yet, by key; those on their way among them. */
  readonly unexported: Readonly<Record<string, number>>;
  /** Bytes of an output for each byte of its input, by key; missing where none was made yet. */
  readonly ratios: Readonly<Record<string, number>>;
}
