import type { StorePath } from '../../machines/model.ts';
import type { EventCounter } from '../../specs/types.ts';
import type { Store } from './store.ts';

/** Counts the events of a stored file where no catalog knows them. */
export interface Counter {
  /**
   * @returns the number of events
   * @throws DriverError `unavailable` when the file could not be read | `rejected`
   *   when the pattern or command does not work
   */
  count(store: Store, path: StorePath, how: EventCounter, signal: AbortSignal): Promise<number>;

  /**
   * Counts small files together, where one process can count them all.
   *
   * @returns the counts; a file that is left out is to be counted by itself
   */
  countTogether(
    store: Store,
    paths: readonly StorePath[],
    how: EventCounter,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<StorePath, number>>;
}
