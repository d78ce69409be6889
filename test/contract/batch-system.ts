import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { SubmissionName } from '../../machines/model.ts';
import type { BatchSystem, JobEnd, JobSeen, SubmissionOrder } from '../../reconcilers/ports/batch-system.ts';

/** What a job of a contract test does. */
export type Work = 'exit 0' | 'exit 7' | 'kill -9' | 'wait';

export interface OpenBatchSystem {
  readonly batch: BatchSystem;
  /** Prepare an order of one job, with the index 3, that does this work; nothing is submitted. */
  order(name: SubmissionName, work: Work): Promise<SubmissionOrder>;
  /** From here on the system does not answer. */
  goDown(): Promise<void>;
  close(): Promise<void>;
}

export interface BatchSystemUnderTest {
  open(): Promise<OpenBatchSystem>;
}

/** The index of the job in every order of the contract. */
export const INDEX = 3;

const never = new AbortController().signal;

/** Ask for one job until it is as wanted; fails after a limit with what was last seen. */
export async function jobUntil<T extends JobSeen>(
  batch: BatchSystem,
  name: SubmissionName,
  wanted: (seen: JobSeen) => seen is T,
  limitMs = 90_000,
): Promise<T> {
  const start = performance.now();
  for (;;) {
    const seen = (await batch.observe([name], 0, never)).found.get(name)?.jobs.values().next().value;
    if (seen && wanted(seen)) return seen;
    if (performance.now() - start > limitMs) assert.fail(`${name} is still ${JSON.stringify(seen)}`);
    await pause(50);
  }
}

export function ended(seen: JobSeen): seen is JobEnd {
  return seen.state === 'ended';
}

export function running(seen: JobSeen): seen is Extract<JobSeen, { state: 'running' }> {
  return seen.state === 'running';
}

/** What every BatchSystem must do. Call it inside the driver's own `describe`. */
export function behavesLikeABatchSystem(subject: BatchSystemUnderTest): void {
  let open: OpenBatchSystem;
  beforeEach(async () => {
    open = await subject.open();
  });
  afterEach(() => open.close());

  async function submit(name: SubmissionName, work: Work): Promise<string> {
    return open.batch.submit(await open.order(name, work), never);
  }

  async function namesFound(...names: SubmissionName[]): Promise<SubmissionName[]> {
    return [...(await open.batch.observe(names, 0, never)).found.keys()];
  }

  tellsHowJobsEnd();
  keepsNamesApart();
  cancelsAndForgets();
  saysWhenItDoesNotKnow();

  function tellsHowJobsEnd(): void {
    const cases = [
      { it: 'tells of a success', work: 'exit 0', exitCode: 0, signal: null },
      { it: 'tells the exit code of a failure', work: 'exit 7', exitCode: 7, signal: null },
      { it: 'tells a signal apart from an exit code', work: 'kill -9', exitCode: null, signal: 'SIGKILL' },
    ] as const;
    for (const c of cases) {
      it(c.it, async () => {
        await submit('r1-t-1', c.work);
        const { exitCode, signal, batchState } = await jobUntil(open.batch, 'r1-t-1', ended);
        assert.deepEqual(
          { exitCode, signal, batchState },
          { exitCode: c.exitCode, signal: c.signal, batchState: null },
        );
      });
    }

    it("answers under the order's index, with the time of the question and the id it gave", async () => {
      const id = await submit('r1-t-1', 'wait');
      const seen = await open.batch.observe(['r1-t-1'], 1234, never);
      assert.deepEqual([seen.askedAt, seen.complete, seen.unknown.size], [1234, true, 0]);
      assert.deepEqual([...(seen.found.get('r1-t-1')?.jobs.keys() ?? [])], [INDEX]);
      assert.equal(seen.found.get('r1-t-1')?.systemId, id);
    });

    it('gives the same end whenever it is asked', async () => {
      await submit('r1-t-1', 'exit 7');
      const first = await jobUntil(open.batch, 'r1-t-1', ended);
      assert.deepEqual(await jobUntil(open.batch, 'r1-t-1', ended), first);
    });

    it('answers for every name of one question', async () => {
      await submit('r1-t-1', 'exit 0');
      await submit('r1-t-2', 'exit 0');
      assert.deepEqual((await namesFound('r1-t-1', 'r1-t-2', 'r1-t-3')).sort(), ['r1-t-1', 'r1-t-2']);
    });
  }

  function keepsNamesApart(): void {
    it('finds nothing under a name that was never used, and is complete about it', async () => {
      const seen = await open.batch.observe(['r1-t-1'], 0, never);
      assert.deepEqual([seen.found.size, seen.unknown.size, seen.complete], [0, 0, true]);
    });

    it('refuses a name that is taken, and leaves its job alone', async () => {
      await submit('r1-t-1', 'exit 7');
      await assert.rejects(submit('r1-t-1', 'exit 0'), { code: 'conflict' });
      assert.equal((await jobUntil(open.batch, 'r1-t-1', ended)).exitCode, 7);
    });

    it('creates nothing under a name that is too long', async () => {
      const name = `r1-t-${'1'.repeat(open.batch.nameLength)}`;
      await assert.rejects(submit(name, 'exit 0'), { code: 'rejected' });
      assert.deepEqual(await namesFound(name), []);
    });

    it('creates nothing when there are more jobs than a submission holds', async () => {
      const order = await open.order('r1-t-1', 'exit 0');
      const jobs = Array.from({ length: open.batch.jobsPerSubmission + 1 }, (_, index) => ({
        ...(order.jobs[0] as (typeof order.jobs)[number]), // the contract asks for an order of one job
        index,
      }));
      await assert.rejects(open.batch.submit({ ...order, jobs }, never), { code: 'rejected' });
      assert.deepEqual(await namesFound('r1-t-1'), []);
    });
  }

  function cancelsAndForgets(): void {
    it('ends a job that is cancelled, once and for all', async () => {
      await submit('r1-t-1', 'wait');
      await jobUntil(open.batch, 'r1-t-1', running);
      await open.batch.cancel(['r1-t-1'], never);
      const end = await jobUntil(open.batch, 'r1-t-1', ended);
      assert.equal(end.batchState, 'cancelled');
      await open.batch.cancel(['r1-t-1'], never);
      assert.deepEqual(await jobUntil(open.batch, 'r1-t-1', ended), end);
    });

    it('cancels nothing that has ended, and minds no name that is gone', async () => {
      await submit('r1-t-1', 'exit 7');
      const end = await jobUntil(open.batch, 'r1-t-1', ended);
      await open.batch.cancel(['r1-t-1', 'r1-t-2'], never);
      assert.deepEqual(await jobUntil(open.batch, 'r1-t-1', ended), end);
    });

    it('takes nobody’s word about a job that it can see', async () => {
      await submit('r1-t-1', 'wait');
      await jobUntil(open.batch, 'r1-t-1', running);
      await open.batch.settle(['r1-t-1', 'r1-t-2'], never);
      await jobUntil(open.batch, 'r1-t-1', running);
    });

    it('forgets what has ended, again and again', async () => {
      await submit('r1-t-1', 'exit 0');
      await jobUntil(open.batch, 'r1-t-1', ended);
      await open.batch.forget(['r1-t-1', 'r1-t-2'], never);
      await open.batch.forget(['r1-t-1'], never);
      assert.deepEqual(await namesFound('r1-t-1'), []);
    });

    it('forgets nothing that runs', async () => {
      await submit('r1-t-1', 'wait');
      await jobUntil(open.batch, 'r1-t-1', running);
      await open.batch.forget(['r1-t-1'], never);
      await jobUntil(open.batch, 'r1-t-1', running);
    });
  }

  function saysWhenItDoesNotKnow(): void {
    it('calls nothing absent when it cannot answer', async () => {
      await submit('r1-t-1', 'exit 0');
      await jobUntil(open.batch, 'r1-t-1', ended);
      await open.goDown();
      await assert.rejects(open.batch.observe(['r1-t-1'], 0, never), { code: 'unavailable' });
    });

    it('gives up when it is told to', async () => {
      await assert.rejects(open.batch.observe(['r1-t-1'], 0, AbortSignal.abort()), { code: 'unavailable' });
    });
  }
}
