/** Time as the reconcilers wait by it; tests have their own. It says nothing of rows: theirs is the database's. */
export interface Clock {
  now(): number;
  /** Something that happens after so long, unless it is stopped first. */
  timer(ms: number): Timer;
}

export interface Timer {
  readonly rung: Promise<void>;
  stop(): void;
}

export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  timer(ms) {
    let handle: NodeJS.Timeout | undefined;
    const rung = new Promise<void>((resolve) => {
      handle = setTimeout(resolve, Math.max(0, ms));
    });
    return { rung, stop: () => clearTimeout(handle) };
  },
};
