import type { Clock } from './clock.ts';

/** `Pace` says how often things are handed on that come one by one. */
export interface Pace {
  readonly clock: Clock;
  /** No thing is kept back for longer than this. */
  readonly everyMs: number;
  /** Called before each thing is asked for, and while one is waited for; an error ends it all. */
  readonly keep: () => Promise<void>;
}

/**
 * `inTime` hands on what has come from a source: every so often, and what is left at its end.
 *
 * A source that takes long over one thing keeps back none of those before it.
 *
 * @throws what the source or `keep` throws; the source has ended by then
 */
export async function* inTime<T>(
  source: AsyncIterable<T>,
  { clock, everyMs, keep }: Pace,
): AsyncGenerator<readonly T[], void, void> {
  const from = source[Symbol.asyncIterator]();
  let ready: T[] = [];
  let since = clock.now();
  try {
    for (;;) {
      await keep();
      const next = from.next();
      let asked = await orTimeIsUp(next, clock, since + everyMs - clock.now());
      while (asked === TIME_IS_UP) {
        if (ready.length > 0) yield ready;
        ready = [];
        since = clock.now();
        await keep();
        asked = await orTimeIsUp(next, clock, everyMs);
      }
      if (asked.done) break;
      ready.push(asked.value);
      if (clock.now() - since < everyMs) continue;
      yield ready;
      ready = [];
      since = clock.now();
    }
    if (ready.length > 0) yield ready;
  } finally {
    await from.return?.();
  }
}

const TIME_IS_UP: unique symbol = Symbol('time is up');

/** What a promise comes to, or that it has not come to anything in time. */
async function orTimeIsUp<T>(promise: Promise<T>, clock: Clock, ms: number): Promise<T | typeof TIME_IS_UP> {
  const timer = clock.timer(ms);
  try {
    return await Promise.race([promise, timer.over.then((): typeof TIME_IS_UP => TIME_IS_UP)]);
  } finally {
    timer.stop();
  }
}
