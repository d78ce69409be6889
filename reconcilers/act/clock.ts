/** Time as the reconcilers wait by it; tests have their own. It says nothing of rows: theirs is the database's. */
export interface Clock {
  now(): number;
  /** Something that happens after so long, unless it is stopped first. */
  timer(ms: number): Timer;
}

/** A `Timer` runs until its time is over, or it is stopped. */
export interface Timer {
  readonly over: Promise<void>;
  stop(): void;
}

/** `REAL_CLOCK` is the clock of this machine. */
export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  timer(ms) {
    let handle: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      handle = setTimeout(resolve, Math.max(0, ms));
    });
    return { over, stop: () => clearTimeout(handle) };
  },
};
