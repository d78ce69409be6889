import type { Checksum, Millis, StorePath, SubmissionName } from '../../machines/model.ts';
import type { Seen } from './seen.ts';

/** One file to bring from the mover's source store to a new name in its target store. */
export interface MoveOrder {
  readonly index: number;
  readonly from: StorePath;
  readonly to: StorePath;
  /** As the source knows it; null where nobody knows. */
  readonly sizeBytes: number | null;
  /** The mover reads the copy back at the far end and compares, when given. */
  readonly checksum: Checksum | null;
  /** An absolute path in the spool, its folder made: the mover writes there, for people, what it did. */
  readonly log?: string;
}

export interface TransferOrder {
  readonly name: SubmissionName;
  readonly files: readonly MoveOrder[];
  /** A file that the target store holds as long as it is the one it was; without it nothing is written there. */
  readonly mark?: StorePath;
}

export type MoveSeen =
  | { readonly state: 'queued' }
  | { readonly state: 'running'; readonly movedBytes: number | null }
  /** Complete and durable under the target's name. */
  | { readonly state: 'moved'; readonly sizeBytes: number; readonly checksum: Checksum | null }
  /**
   * `absent`: the source has no such file. `away`: a store was not there to be read or written.
   * Bytes may be left under the target's name.
   */
  | {
      readonly state: 'failed';
      readonly reason: string;
      readonly cause: 'absent' | 'away' | 'corrupt' | 'forbidden' | 'space' | 'interrupted' | 'other';
    };

export interface TransferSeen {
  readonly systemId: string;
  /** By index; a file of the order that is missing here is absent in a complete answer, and unknown in another. */
  readonly files: ReadonlyMap<number, MoveSeen>;
}

/**
 * What brings files from one store to another. Every driver passes test/contract/mover.ts.
 *
 * It writes under the names it is given, which are an attempt's names, and
 * never over an existing file. Every call except `submit` may be repeated.
 */
export interface Mover {
  readonly driver: string;
  /** Names of stores. */
  readonly from: string;
  readonly to: string;
  readonly nameLength: number;
  readonly callTimeoutMs: number;
  readonly absentIsFinal: boolean;
  readonly pollMs: number;

  /** Start a transfer under a name never used before. Not repeatable. Errors as for BatchSystem.submit. */
  submit(order: TransferOrder, signal: AbortSignal): Promise<string>;

  /** What has become of transfers. @throws DriverError `unavailable` */
  observe(
    names: readonly SubmissionName[],
    askedAt: Millis,
    signal: AbortSignal,
  ): Promise<Seen<SubmissionName, TransferSeen>>;

  cancel(names: readonly SubmissionName[], signal: AbortSignal): Promise<void>;

  /**
   * Take a person's word that these are over although that cannot be seen: what they hold is let go.
   *
   * Names of which the system itself knows more are left. Repeatable: an end never changes.
   */
  settle(names: readonly SubmissionName[], signal: AbortSignal): Promise<void>;

  /** Let go of what the driver keeps about ended transfers; running ones are left. */
  forget(names: readonly SubmissionName[], signal: AbortSignal): Promise<void>;
}
