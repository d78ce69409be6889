import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import {
  type Lane,
  type LanePass,
  type LaneResult,
  openLanes,
  type Pace,
} from '../../reconcilers/daemon/lanes.ts';

interface Pass {
  readonly dataset: string;
  readonly lane: Lane;
  readonly resync: boolean;
  /** By the lanes' clock. */
  readonly at: number;
}

/** A world in which time passes only when every lane sleeps, and a pass takes none. */
function aDay(came: (pass: Pass) => LaneResult | Promise<LaneResult>) {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const passes: Pass[] = [];
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  let now = 0;
  const pace: Pace = {
    clock: () => now,
    resyncMs: 60_000,
    sleep: (ms, signals) =>
      new Promise((resolve) => {
        const sleeper = {
          until: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            for (const signal of signals) signal.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        for (const signal of signals) signal.addEventListener('abort', sleeper.wake, { once: true });
        if (signals.some((signal) => signal.aborted)) sleeper.wake();
      }),
  };
  const pass: LanePass = async (dataset, lane, resync) => {
    const made = { dataset, lane, resync, at: now };
    passes.push(made);
    return came(made);
  };
  const lanes = openLanes(pass, pace, stop.signal);
  lanes.failed.catch(() => {});
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    lanes,
    passes,
    /** Let so much time pass, sleeper by sleeper. */
    async live(ms: number) {
      const end = now + ms;
      for (;;) {
        await settled();
        const next = [...sleepers].toSorted((a, b) => a.until - b.until)[0];
        if (next === undefined || next.until > end) break;
        now = next.until;
        next.wake();
      }
      now = end;
    },
    async close() {
      stop.abort();
      await settled();
    },
    of: (lane: Lane, dataset = 'p17') => passes.filter((one) => one.lane === lane && one.dataset === dataset),
  };
}

const QUIET = (): LaneResult => 'quiet';

describe('the lanes of a daemon', () => {
  it('pass through every phase and the members of each dataset, and the sweep of each site, at once', async () => {
    const day = aDay(QUIET);
    day.lanes.follow(['p17', 'p18'], ['lyon']);
    await day.live(0);
    assert.equal(day.passes.length, 15);
    assert.deepEqual(day.of('sweep', 'lyon').length, 1);
    assert.ok(day.passes.every((pass) => pass.resync));
    await day.close();
  });

  it('go on in the other phases while one hangs', async () => {
    const day = aDay(({ lane }) => (lane === 'publish' ? new Promise<LaneResult>(() => {}) : 'quiet'));
    day.lanes.follow(['p17'], ['lyon']);
    await day.live(60_000);
    assert.equal(day.of('publish').length, 1);
    assert.ok(day.of('process').length > 5);
    await day.close();
  });

  it('do not hang in a phase because of four datasets that do, once these give up', async () => {
    let giveUp: (came: LaneResult) => void = () => {};
    const hanging = new Promise<LaneResult>((resolve) => {
      giveUp = resolve;
    });
    const day = aDay(({ dataset, lane }) => (lane === 'publish' && dataset !== 'p17' ? hanging : 'quiet'));
    day.lanes.follow(['a', 'b', 'c', 'd', 'p17'], ['lyon']);
    await day.live(1000);
    assert.equal(day.of('publish').length, 0);
    giveUp('trouble');
    await day.live(1000);
    assert.equal(day.of('publish').length, 1);
    await day.close();
  });

  it('come back to trouble later and later, whatever else moves', async () => {
    const day = aDay(({ lane, at }) => (lane === 'publish' ? 'trouble' : at < 20_000 ? 'moved' : 'quiet'));
    day.lanes.follow(['p17'], ['lyon']);
    await day.live(600_000);
    const at = day.of('publish').map((pass) => pass.at / 1000);
    assert.deepEqual(at.slice(0, 8), [0, 2, 6, 14, 30, 62, 126, 246]);
    await day.close();
  });

  it('are woken by what moves in another phase of their dataset', async () => {
    let moves = false;
    const day = aDay(({ lane }) => {
      if (lane !== 'export' || !moves) return 'quiet';
      moves = false;
      return 'moved';
    });
    day.lanes.follow(['p17', 'p18'], ['lyon']);
    await day.live(59_000);
    const counts = () => [day.of('verify').length, day.of('verify', 'p18').length];
    const [before = 0, others = 0] = counts();
    moves = true;
    await day.live(16_000);
    const [after = 0, othersAfter = 0] = counts();
    assert.ok(after - before > othersAfter - others);
    await day.close();
  });

  it('look at everything once in a while', async () => {
    const day = aDay(QUIET);
    day.lanes.follow(['p17'], ['lyon']);
    await day.live(200_000);
    const resyncs = day.of('process').filter((pass) => pass.resync);
    assert.equal(resyncs.length, 4);
    assert.ok(day.of('process').length > 20);
    await day.close();
  });

  it('end with a dataset that is followed no more, and begin anew with it', async () => {
    const day = aDay(QUIET);
    day.lanes.follow(['p17'], ['lyon']);
    await day.live(1_000);
    day.lanes.follow([], []);
    await day.live(10_000);
    const ended = day.passes.length;
    await day.live(100_000);
    assert.equal(day.passes.length, ended);
    day.lanes.follow(['p17'], ['lyon']);
    await day.live(0);
    assert.equal(day.passes.length, ended + 8);
    await day.close();
  });

  it('stop all when one meets what stops all', async () => {
    const day = aDay(() => Promise.reject(new Error('the database is gone')));
    day.lanes.follow(['p17'], ['lyon']);
    await assert.rejects(day.lanes.failed, /the database is gone/);
    await day.close();
    await day.lanes.drained();
  });
});
