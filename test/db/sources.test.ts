import assert from 'node:assert/strict';
import { testDatabase } from '../postgres.ts';
import { aMember, aRecordsWorld, asPages, onlyInput, type RecordsWorld } from './records-world.ts';

interface SourceCase {
  readonly it: string;
  /** Columns of the input's state; the input store is `disk`. */
  readonly standing: Readonly<Record<string, string>>;
  readonly isLive?: boolean;
  readonly from: string;
  readonly to: string;
  readonly follows: boolean;
}

const failed = (phase: string) => ({ state: 'error', phase });

const CASES: readonly SourceCase[] = [
  { it: 'of a file that is still to be brought', standing: {}, from: 'fnal:a', to: 'fnal:b', follows: true },
  { it: 'into the store it was to be brought to', standing: {}, from: 'fnal:a', to: 'disk:b', follows: true },
  { it: 'within its own store', standing: {}, from: 'disk:a', to: 'disk:b', follows: true },
  {
    it: 'of a file that could not be brought',
    standing: failed('transfer'),
    from: 'fnal:a',
    to: 'fnal:b',
    follows: true,
  },
  {
    it: 'of a file whose copy was bad',
    standing: { ...failed('verify'), fault: 'copy' },
    from: 'fnal:a',
    to: 'fnal:b',
    follows: true,
  },
  {
    it: 'of a file that is being brought',
    standing: {},
    isLive: true,
    from: 'fnal:a',
    to: 'fnal:b',
    follows: false,
  },
  {
    it: 'of a file that only the catalog was wrong about: it goes on from where it lies',
    standing: { ...failed('verify'), fault: 'catalog', copy_path: 'a' },
    from: 'disk:a',
    to: 'disk:b',
    follows: false,
  },
  {
    it: 'of a verified file that lies in place',
    standing: { state: 'verified', copy_path: 'a' },
    from: 'disk:a',
    to: 'disk:b',
    follows: false,
  },
  {
    it: 'of the origin of a replica',
    standing: { state: 'done', copy_path: 'raw/1/raw_1' },
    from: 'fnal:a',
    to: 'fnal:b',
    follows: true,
  },
  {
    it: 'of a replica that the catalog now calls the file itself',
    standing: { state: 'done', copy_path: 'raw/1/raw_1' },
    from: 'fnal:a',
    to: 'disk:raw/1/raw_1',
    follows: false,
  },
  {
    it: 'of a file whose job failed',
    standing: { ...failed('process'), copy_path: 'a' },
    from: 'disk:a',
    to: 'disk:b',
    follows: false,
  },
];

describe('the place a member comes from', function () {
  this.timeout(600_000);
  let server: Awaited<ReturnType<typeof testDatabase>>;
  let world: RecordsWorld;
  before(async () => {
    server = await testDatabase();
  });
  afterEach(() => world.close());
  after(() => server.close());

  const at = (place: string, sizeBytes = 100) => {
    const [sourceStore = '', sourcePath = ''] = place.split(':');
    return aMember({ sourceStore, sourcePath, sizeBytes });
  };

  async function recorded({
    from,
    standing,
    isLive = false,
  }: Pick<SourceCase, 'from' | 'standing' | 'isLive'>) {
    world = await aRecordsWorld(server, [at(from)]);
    const { knex } = world.database;
    const { id } = onlyInput(await world.page());
    if (Object.keys(standing).length > 0) await knex('input_states').update(standing);
    if (!isLive) return;
    const attempt = { file_id: id, dataset_id: world.dataset.id, phase: 'transfer', revision: '' };
    const [made] = await knex('attempts')
      .insert({ ...attempt, number: 1, state: 'live', opened_ms: 0 })
      .returning('id');
    await knex('live_attempts').insert({ ...attempt, attempt_id: made.id });
  }
  const now = async () => {
    const input = onlyInput(await world.page());
    return { place: `${input.sourceStore}:${input.sourcePath}`, retryAtMs: input.retryAtMs };
  };
  const history = () => world.database.knex('transitions').select('from_state', 'to_state', 'because');
  const take = (to: string) =>
    world.records.members(world.dataset, () => asPages([at(to)]), {
      onlyGrows: true,
      repeatable: true,
      decide: () => 'apply',
      now: 2000,
    });

  for (const c of CASES) {
    it(`${c.follows ? 'follows the newest answer' : 'stays what it was'}, ${c.it}`, async () => {
      await recorded(c);
      const { moved } = await take(c.to);
      const { place, retryAtMs } = await now();
      assert.deepEqual([moved, place], c.follows ? [1, c.to] : [0, c.from]);
      assert.equal(retryAtMs, c.follows && c.standing.state === 'error' ? 2000 : null);
      const state = c.standing.state ?? 'pending';
      const because = `it comes from ${c.to}, no longer from ${c.from}`;
      assert.deepEqual(await history(), c.follows ? [{ from_state: state, to_state: state, because }] : []);
    });
  }

  it('is followed once nothing depends on the old one, though the answer stays the same', async () => {
    await recorded({ from: 'disk:a', standing: { state: 'verified', copy_path: 'a' } });
    assert.equal((await take('disk:b')).moved, 0);
    await world.database.knex('input_states').update({ state: 'pending', copy_path: null });
    assert.equal((await take('disk:b')).moved, 1);
    assert.equal((await now()).place, 'disk:b');
  });

  it('is not forgotten by an answer that knows none', async () => {
    await recorded({ from: 'fnal:a', standing: {} });
    const nowhere = { ...at('fnal:a'), sourceStore: null, sourcePath: null };
    await world.records.correct(world.dataset, asPages([nowhere]), 2000);
    assert.equal((await now()).place, 'fnal:a');
  });

  it('is corrected by what is said of one of them, with what it is held against', async () => {
    await recorded({ from: 'fnal:a', standing: { ...failed('verify'), fault: 'copy' } });
    const changed = await world.records.correct(world.dataset, asPages([at('fnal:b', 120)]), 2000);
    assert.deepEqual(changed, { corrected: 1, moved: 1 });
    const { sizeBytes, retryAtMs } = onlyInput(await world.page());
    assert.deepEqual([sizeBytes, retryAtMs], [120, 2000]);
  });
});
