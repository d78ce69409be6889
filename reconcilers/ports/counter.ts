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
}
