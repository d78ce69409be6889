import { setTimeout as sleep } from 'node:timers/promises';

/** How often a lease that a pass holds is asked for again: for half a minute. */
const WAIT_MS = 200;
const MOST_WAITS = 150;

/** What waits before a lease that is taken is asked for again; it says false once that has taken too long. */
export function leasePatience(signal: AbortSignal): () => Promise<boolean> {
  let waits = 0;
  return async () => {
    if (waits >= MOST_WAITS) return false;
    waits += 1;
    await sleep(WAIT_MS, undefined, { signal });
    return true;
  };
}
