import { DONE, inCalls } from './executor.ts';

/** `cancel` ends submissions by one call: the driver splits the names as it needs. */
export const cancel = inCalls(
  'cancel',
  () => Number.MAX_SAFE_INTEGER,
  async (steps, { ports, signal }) => {
    await ports.batch.cancel(
      steps.map(({ submission }) => submission),
      signal,
    );
    return steps.map(() => DONE);
  },
);
