import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from '../../ports/errors.ts';
import type { Store } from '../../ports/store.ts';

/** Time as the pace needs it; the tests have their own. */
export interface Clock {
  now(): number;
  /** So long; rejects when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const REAL: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};

const MINUTE_MS = 60_000;

/**
 * A store that is asked no more often than its site allows (`callsPerMinute`).
 *
 * Calls beyond that wait, in the order they came, until a minute has passed since
 * the one that many before them. What is asked of many files at once is one call.
 */
export function pacedStore(store: Store, callsPerMinute: number, clock: Clock = REAL): Store {
  const turn = turns(store.name, callsPerMinute, clock);
  return {
    ...store,
    stat: (paths, depth, askedAt, signal) => turn(signal, () => store.stat(paths, depth, askedAt, signal)),
    list: (glob, askedAt, signal) => turn(signal, () => store.list(glob, askedAt, signal)),
    promote: (from, to, expected, signal) => turn(signal, () => store.promote(from, to, expected, signal)),
    remove: (path, expected, signal) => turn(signal, () => store.remove(path, expected, signal)),
    put: (localFile, to, signal) => turn(signal, () => store.put(localFile, to, signal)),
    get: (path, localFile, signal) => turn(signal, () => store.get(path, localFile, signal)),
    readText: (path, signal) => turn(signal, () => store.readText(path, signal)),
    replaceText: (path, text, signal) => turn(signal, () => store.replaceText(path, text, signal)),
    emptyFolders: (below, signal) => turn(signal, () => store.emptyFolders(below, signal)),
    removeFolders: (paths, signal) => turn(signal, () => store.removeFolders(paths, signal)),
    freeBytes: (signal) => turn(signal, () => store.freeBytes(signal)),
  };
}

function turns(name: string, callsPerMinute: number, clock: Clock) {
  /** When the last calls began, oldest first; those still waiting have theirs already. */
  const begun: number[] = [];
  return async <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
    const now = clock.now();
    const before = begun.length < callsPerMinute ? undefined : begun.shift();
    const at = before === undefined ? now : Math.max(now, before + MINUTE_MS);
    begun.push(at);
    if (at > now) {
      await clock.sleep(at - now, signal).catch((cause: unknown) => {
        const message = `store ${name}: no call was left in time (callsPerMinute: ${callsPerMinute})`;
        throw new DriverError('unavailable', message, { cause });
      });
    }
    return call();
  };
}
