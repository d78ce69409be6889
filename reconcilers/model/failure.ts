import type { ErrorClass } from '../../machines/model.ts';

/** Why something failed. */
export interface Failure {
  readonly class: ErrorClass;
  /** The sentence for people. */
  readonly reason: string;
  /** Jobs: what of it is compared with the failures of others. */
  readonly job?: JobFailure;
}

/** What a failed job has in common with others. */
export interface JobFailure {
  /** The failure without what differs from file to file. */
  readonly signature: string;
  /** Where it ran; null: nobody knows. */
  readonly node: string | null;
  /**
   * It failed as a command fails that cannot run or does nothing: the software's doing, or a
   * node's. Which of them is decided by what is known of the others; until then the class says nothing.
   */
  readonly suspect: boolean;
}
