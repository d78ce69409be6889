/** How the steps of a page are taken: together, in order, under a lease, and committed as they come. */
import assert from 'node:assert/strict';
import { apply } from '../../reconcilers/act/apply.ts';
import type { Clock } from '../../reconcilers/act/clock.ts';
import { atOnce } from '../../reconcilers/act/steps/at-once.ts';
import { COMMIT_EVERY_MS, inputsOf, takeSteps } from '../../reconcilers/act/take-steps.ts';
import type { Change } from '../../reconcilers/model/change.ts';
import { quarantinePath } from '../../reconcilers/model/names.ts';
import { LeaseLost, type Writing } from '../../reconcilers/model/records.ts';
import { EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import type { ReadyStep, TakenStep } from '../../reconcilers/model/steps.ts';
import { DriverError } from '../../reconcilers/ports/errors.ts';
import type { SitePorts } from '../../reconcilers/ports/ports.ts';
import { aContext, anInput } from '../builders.ts';
import { memoryBatch } from '../memory/batch-system.ts';
import { memoryCatalog } from '../memory/catalog.ts';
import { memoryMover } from '../memory/mover.ts';
import { memoryStore } from '../memory/store.ts';
import { aSpoolInMemory } from './spool-in-memory.ts';

const { signal } = new AbortController();
const about = { because: 'so', bytes: 1 } as const;

function aWorld() {
  const stores = { fnal: memoryStore('fnal'), disk: memoryStore('disk'), far: memoryStore('far') };
  const brings = memoryMover({ from: stores.fnal, to: stores.disk, finishes: 'whenTold' });
  const sends = memoryMover({ from: stores.disk, to: stores.far, finishes: 'whenTold' });
  const catalog = memoryCatalog({});
  const ports: SitePorts = {
    stores: new Map(Object.entries(stores).map(([name, { store }]) => [name, store])),
    movers: new Map([
      ['fnal>disk', brings.mover],
      ['disk>far', sends.mover],
    ]),
    batch: memoryBatch({ jobsPerSubmission: 1 }).batch,
    catalog: catalog.catalog,
    spool: aSpoolInMemory().spool,
    counter: {
      count: () => Promise.reject(new Error('nothing is counted here')),
      countTogether: async () => new Map(),
    },
  };
  return { stores, brings, sends, catalog, ports };
}

const transfer = (number: number): ReadyStep<'transfer'> => ({
  ...{ kind: 'transfer', phase: 'transfer', names: [`raw_${number}`], ...about },
  endpoint: { from: 'fnal', to: 'disk' },
  moves: [{ fileId: number, name: `raw_${number}`, from: `raw_${number}`, sizeBytes: 1, checksum: null }],
  number,
});

const aside = (number: number, store = 'disk'): ReadyStep<'quarantine'> => ({
  ...{ kind: 'quarantine', phase: 'verify', names: [`raw_${number}`], ...about },
  ...{ store, path: `raw_${number}`, fileId: number, submission: null, number },
});

const declare = (name: string): ReadyStep<'declare'> => ({
  ...{ kind: 'declare', phase: 'publish', names: [name], ...about, fileId: 1 },
  declaration: {
    ...{ name, sizeBytes: 1, eventCount: 1, checksums: [], dataTier: 'dst', run: 1, parents: [] },
    ...{ application: { family: 'reco', name: 'reco', version: '1' }, metadata: {} },
  },
});

async function all(steps: readonly ReadyStep[], ports: SitePorts): Promise<readonly TakenStep[]> {
  const taken: TakenStep[] = [];
  const taking = { ports, context: aContext(), input: inputsOf(EMPTY_PAGE), signal };
  for await (const one of apply(steps, taking)) taken.push(one);
  return taken;
}

const codes = (taken: readonly TakenStep[]) => taken.map(({ outcome }) => (outcome.ok ? 'ok' : outcome.code));

describe('the steps of a page', () => {
  it('are taken kind by kind, whatever their order in the plan', async () => {
    const { stores, ports } = aWorld();
    stores.disk.contents.set('raw_2', Buffer.from('x'));
    const taken = await all([declare('a'), aside(2), transfer(1)], ports);
    assert.deepEqual(
      taken.map(({ step }) => step.kind),
      ['transfer', 'quarantine', 'declare'],
    );
    assert.deepEqual(codes(taken), ['ok', 'ok', 'ok']);
    assert.deepEqual([...stores.disk.contents.keys()], [quarantinePath('raw_2', 2)]);
  });

  for (const code of ['refused', 'forbidden'] as const) {
    it(`are not asked for again where the first is ${code}, and all are answered so`, async () => {
      const { brings, ports } = aWorld();
      let asked = 0;
      const mover = {
        ...brings.mover,
        submit: async () => {
          asked += 1;
          throw new DriverError(code, 'the queue is full');
        },
      };
      const copy = {
        ...transfer(4),
        kind: 'copy',
        phase: 'export',
        endpoint: { from: 'disk', to: 'far' },
      } as const;
      const movers = new Map(ports.movers).set('fnal>disk', mover);
      const taken = await all([transfer(1), transfer(2), transfer(3), copy], { ...ports, movers });
      assert.deepEqual(codes(taken), [code, code, code, 'ok'], 'the other way is open');
      assert.equal(asked, 1);
    });
  }

  it('are each asked for where one is not answered about', async () => {
    const { brings, ports } = aWorld();
    let asked = 0;
    const mover: typeof brings.mover = {
      ...brings.mover,
      submit: async (order, by) => {
        asked += 1;
        if (asked === 1) throw new DriverError('unavailable', 'no answer');
        return brings.mover.submit(order, by);
      },
    };
    const taken = await all([transfer(1), transfer(2)], {
      ...ports,
      movers: new Map([['fnal>disk', mover]]),
    });
    assert.deepEqual(codes(taken), ['unavailable', 'ok']);
  });

  it('fail one by one where a store has no such file', async () => {
    const { stores, ports } = aWorld();
    stores.disk.contents.set('raw_2', Buffer.from('x'));
    const taken = await all([aside(1), aside(2), aside(3)], ports);
    const ok = taken.filter(({ outcome }) => outcome.ok).map(({ step }) => step.names[0]);
    assert.deepEqual(ok, ['raw_2']);
  });

  it('go to the catalog as many at a time as it takes', async () => {
    const { catalog, ports } = aWorld();
    const calls: number[] = [];
    const counting: SitePorts['catalog'] = {
      ...catalog.catalog,
      namesPerCall: 2,
      declare(files, by) {
        calls.push(files.length);
        return catalog.catalog.declare(files, by);
      },
    };
    const taken = await all(['a', 'b', 'c', 'd', 'e'].map(declare), { ...ports, catalog: counting });
    assert.deepEqual(codes(taken), Array(5).fill('ok'));
    assert.deepEqual(calls, [2, 2, 1]);
  });

  it('are asked for by themselves where one of a call spoils the others', async () => {
    const { catalog, ports } = aWorld();
    const strict: SitePorts['catalog'] = {
      ...catalog.catalog,
      async declare(files, by) {
        if (files.some(({ name }) => name === 'b')) throw new DriverError('rejected', 'b is no name');
        return catalog.catalog.declare(files, by);
      },
    };
    const taken = await all(['a', 'b', 'c'].map(declare), { ...ports, catalog: strict });
    assert.deepEqual(codes(taken), ['ok', 'rejected', 'ok']);
  });
});

describe('atOnce', () => {
  it('has so many calls under way and no more, and says what each came to', async () => {
    let [now, most] = [0, 0];
    const call = async (n: number) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return n * n;
    };
    const found: number[] = [];
    for await (const one of atOnce([1, 2, 3, 4, 5], 3, call)) found.push(one);
    assert.deepEqual(
      found.toSorted((a, b) => a - b),
      [1, 4, 9, 16, 25],
    );
    assert.equal(most, 3);
  });

  it('begins no further call after an error, and waits for those under way', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const call = async (n: number) => {
      begun.push(n);
      if (n === 1) throw new Error('no');
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(n);
    };
    const run = async () => {
      for await (const _ of atOnce([1, 2, 3, 4], 2, call));
    };
    await assert.rejects(run(), /no/);
    assert.deepEqual([begun, ended], [[1, 2], [2]]);
  });
});

/** A clock that goes on by so much with every call of a store. */
function aPage(files: number, msPerStep: number, fails: { readonly renewal?: number } = {}) {
  const { stores, ports } = aWorld();
  const world = { now: 0, renewals: 0 };
  const clock: Clock = { now: () => world.now, timer: () => ({ over: new Promise(() => {}), stop() {} }) };
  const disk: typeof stores.disk.store = {
    ...stores.disk.store,
    atOnce: 1,
    async promote(...args) {
      world.now += msPerStep;
      return stores.disk.store.promote(...args);
    },
  };
  const steps = Array.from({ length: files }, (_, n) => aside(n + 1));
  for (const { path } of steps) stores.disk.contents.set(path, Buffer.from('x'));
  const inputs = steps.map(({ number, path }) => anInput({ id: number, name: path, copyPath: path }));
  const commits: Change[] = [];
  const writing = {
    async commit(change: Change) {
      commits.push(change);
      return [];
    },
  };
  const records = {
    now: async () => 1_000_000 + world.now,
    async renew() {
      world.renewals += 1;
      if (world.renewals === fails.renewal) throw new LeaseLost('taken over');
    },
    write: async <T>(_lease: unknown, _dataset: unknown, work: (one: Writing) => Promise<T>) =>
      work(writing as unknown as Writing),
  };
  const lease = { dataset: 'p17', phase: 'verify', epoch: 1, lastsMs: 180_000 } as const;
  const page = { ...EMPTY_PAGE, inputs };
  const begun = { rules: { phase: 'verify' }, context: aContext(), page, gates: [], steps } as const;
  const around = { records, ports: { ...ports, stores: new Map([['disk', disk]]) }, signal, clock };
  return { world, commits, disk: stores.disk, run: () => takeSteps(lease, begun, around) };
}

describe('what came of steps', () => {
  it('is committed every few seconds, each row once', async () => {
    const { commits, run } = aPage(10, COMMIT_EVERY_MS / 3);
    const { taken } = await run();
    assert.equal(taken.length, 10);
    const ids = commits.map(({ inputs }) => inputs.map(({ after }) => after.id));
    assert.deepEqual(ids, [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10]]);
  });

  it('is committed by the clock of the database after the steps', async () => {
    const { commits, run } = aPage(6, COMMIT_EVERY_MS / 3);
    await run();
    const acted = commits.map(({ inputs }) => [...new Set(inputs.map(({ after }) => after.actedMs))]);
    assert.deepEqual(acted, [[1_000_000 + COMMIT_EVERY_MS], [1_000_000 + 2 * COMMIT_EVERY_MS]]);
  });

  it('takes one commit where steps are quick', async () => {
    const { commits, world, run } = aPage(200, 1);
    await run();
    assert.deepEqual([commits.length, world.renewals], [1, 0]);
  });

  it('is kept where a call takes long: what came before it is committed meanwhile', async () => {
    const { stores, ports } = aWorld();
    const timers: (() => void)[] = [];
    const clock: Clock = {
      now: () => 0,
      timer: () => {
        let ring = () => {};
        const over = new Promise<void>((resolve) => {
          ring = resolve;
        });
        timers.push(ring);
        return { over, stop() {} };
      },
    };
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const n of [1, 2]) stores.disk.contents.set(`raw_${n}`, Buffer.from('x'));
    const disk: typeof stores.disk.store = {
      ...stores.disk.store,
      atOnce: 1,
      async promote(from, ...rest) {
        if (from === 'raw_2') {
          timers.at(-1)?.();
          await held;
        }
        return stores.disk.store.promote(from, ...rest);
      },
    };
    const inputs = [1, 2].map((id) => anInput({ id, name: `raw_${id}`, copyPath: `raw_${id}` }));
    const commits: number[][] = [];
    const writing = {
      async commit({ inputs: changed }: Change) {
        commits.push(changed.map(({ after }) => after.id));
        release();
        return [];
      },
    };
    const records = {
      now: async () => 5,
      renew: async () => {},
      write: async <T>(_lease: unknown, _dataset: unknown, work: (one: Writing) => Promise<T>) =>
        work(writing as unknown as Writing),
    };
    const begun = {
      ...{ rules: { phase: 'verify' as const }, context: aContext(), gates: [] },
      ...{ page: { ...EMPTY_PAGE, inputs }, steps: [aside(1), aside(2)] },
    } as const;
    const lease = { dataset: 'p17', phase: 'verify', epoch: 1, lastsMs: 180_000 } as const;
    await takeSteps(lease, begun, {
      ...{ records, signal, clock },
      ports: { ...ports, stores: new Map([['disk', disk]]) },
    });
    assert.deepEqual(commits, [[1], [2]]);
  });
});

describe('the lease of a page', () => {
  it('is renewed by the clock: once for each third of its time', async () => {
    const { world, run } = aPage(12, 20_000);
    await run();
    assert.equal(world.renewals, 4);
  });

  it('ends the steps when it is lost: what was committed stays, the rest is not taken', async () => {
    const { commits, disk, run } = aPage(12, 20_000, { renewal: 2 });
    await assert.rejects(run(), LeaseLost);
    assert.deepEqual(
      commits.flatMap(({ inputs }) => inputs.map(({ after }) => after.id)),
      [1, 2, 3, 4, 5, 6],
    );
    assert.equal([...disk.contents.keys()].filter((path) => path.startsWith('raw_')).length, 6);
  });
});
