/** Something that is done again and again, one time after the other. */
export interface Repeating {
  /** Do it again in a moment; or right after, while it is being done. */
  readonly soon: () => void;
}

/** What is done takes at most this part of the time. */
const PART = 20;

/** A moment: several reasons to do it soon are one. */
const SOON_MS = 200;

/**
 * Do something every so often until the signal, the first time after one interval.
 *
 * What takes long is done less often: it rests for {@link PART} times as long as it took.
 */
export function repeat(act: () => Promise<void>, everyMs: () => number, signal: AbortSignal): Repeating {
  let timer: NodeJS.Timeout | undefined;
  let isDoing = false;
  let isAsked = false;
  let restUntil = 0;
  const plan = (afterMs: number) => {
    clearTimeout(timer);
    if (!signal.aborted) timer = setTimeout(() => void run(), afterMs);
  };
  const run = async () => {
    isDoing = true;
    isAsked = false;
    const began = performance.now();
    try {
      await act();
    } finally {
      isDoing = false;
      const ended = performance.now();
      restUntil = ended + (ended - began) * PART;
      plan(isAsked ? Math.max(SOON_MS, restUntil - ended) : Math.max(everyMs(), restUntil - ended));
    }
  };
  signal.addEventListener('abort', () => clearTimeout(timer));
  plan(everyMs());
  return {
    soon() {
      if (isDoing) isAsked = true;
      else plan(Math.max(SOON_MS, restUntil - performance.now()));
    },
  };
}
