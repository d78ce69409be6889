import type { Millis } from '../../machines/model.ts';

/**
 * What one question about many things brought back.
 *
 * A thing is *absent* only if it is in neither map and `complete` is true; a
 * driver sets `complete` only when it read the system's own end of the answer.
 */
export interface Seen<Key, Value> {
  /**
   * When the question was asked, by the caller's clock (drivers copy it from the
   * question). An answer says nothing of a thing that was acted on later.
   */
  readonly askedAt: Millis;
  readonly complete: boolean;
  readonly found: ReadonlyMap<Key, Value>;
  /** Asked for, but not answered or not readable: the reason, for people. */
  readonly unknown: ReadonlyMap<Key, string>;
}

/** What one bulk call did to one thing. */
export type Outcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: import('./errors.ts').DriverErrorCode; readonly message: string };
