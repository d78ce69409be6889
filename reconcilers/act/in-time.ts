import type { Clock } from './clock.ts';

/** How things are handed on that come one by one. */
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
  let came: T[] = [];
  let since = clock.now();
  try {
    for (;;) {
      await keep();
      const next = from.next();
      let asked = await orRung(next, clock, since + everyMs - clock.now());
      while (asked === RUNG) {
        if (came.length > 0) yield came;
        came = [];
        since = clock.now();
        await keep();
        asked = await orRung(next, clock, everyMs);
      }
      if (asked.done) break;
      came.push(asked.value);
      if (clock.now() - since < everyMs) continue;
      yield came;
      came = [];
      since = clock.now();
    }
    if (came.length > 0) yield came;
  } finally {
    await from.return?.();
  }
}

const RUNG: unique symbol = Symbol('rung');

/** What a promise comes to, or that it has not come to anything in time. */
async function orRung<T>(promise: Promise<T>, clock: Clock, ms: number): Promise<T | typeof RUNG> {
  const timer = clock.timer(ms);
  try {
    return await Promise.race([promise, timer.rung.then((): typeof RUNG => RUNG)]);
  } finally {
    timer.stop();
  }
}
