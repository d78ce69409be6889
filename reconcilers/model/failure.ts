import type { ErrorClass } from '../../machines/model.ts';

/** Why something failed. */
export interface Failure {
  readonly class: ErrorClass;
  /** The sentence for people. */
  readonly reason: string;
}
