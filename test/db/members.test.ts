import assert from 'node:assert/strict';
import type { MembersSummary, MembersVerdict } from '../../reconcilers/model/members.ts';
import type { Member, MembersTaken } from '../../reconcilers/model/records.ts';
import { aDataset } from '../builders.ts';
import { testDatabase } from '../postgres.ts';
import { aMember, aRecordsWorld, asPages, type RecordsWorld } from './records-world.ts';

const FILES = { kind: 'files', files: ['raw/*'] } as const;

const named = (...names: readonly string[]) => names.map((name) => aMember({ name }));

describe('members of a dataset', function () {
  this.timeout(600_000);
  let server: Awaited<ReturnType<typeof testDatabase>>;
  let world: RecordsWorld;
  before(async () => {
    server = await testDatabase();
  });
  beforeEach(async () => {
    world = await aRecordsWorld(server, named('a', 'b'));
  });
  afterEach(() => world.close());
  after(() => server.close());

  /** Take an answer; what was decided on is kept. */
  async function take(
    members: readonly Member[],
    how: Partial<Omit<MembersTaken, 'decide'>> & { readonly verdict?: MembersVerdict },
  ) {
    const summaries: MembersSummary[] = [];
    const dataset = await world.records.dataset('p17');
    const taken = await world.records.members(dataset, () => asPages(members), {
      onlyGrows: false,
      repeatable: false,
      now: 2000,
      ...how,
      decide: (summary) => {
        summaries.push(summary);
        return how.verdict ?? 'apply';
      },
    });
    return { taken, summaries };
  }

  const known = named('a', 'b');

  const onRecord = async () =>
    (await world.page()).inputs.map(({ name, retiredMs }) => (retiredMs === null ? name : `${name} retired`));

  it('are retired when an answer no longer names them, and back when one does', async () => {
    await take(named('a', 'c'), {});
    assert.deepEqual(await onRecord(), ['a', 'b retired', 'c']);
    await take(named('a', 'b', 'c'), {});
    assert.deepEqual(await onRecord(), ['a', 'b', 'c']);
  });

  it('stay when the answer only makes them grow', async () => {
    await take(named('c'), { onlyGrows: true });
    assert.deepEqual(await onRecord(), ['a', 'b', 'c']);
  });

  it('are left as they are by an answer that is not believed, which holds the dataset', async () => {
    await take(named('c'), { verdict: { hold: 'half of them are gone' } });
    assert.deepEqual(await onRecord(), ['a', 'b']);
    const { holds } = await world.records.dataset('p17');
    assert.deepEqual(
      holds.map(({ code, of, reason, by }) => [code, of, reason, by]),
      [['held.members', 'p17', 'half of them are gone', 'rereco']],
    );
  });

  it('are not compared again with the answer they are', async () => {
    const first = await take(named('a', 'b', 'c'), { repeatable: true });
    const again = await take(named('a', 'b', 'c'), { repeatable: true });
    assert.deepEqual([first.summaries.length, again.summaries.length], [1, 0]);
    assert.deepEqual([again.taken.answered, again.taken.added, again.taken.held], [3, 0, null]);
    const other = await take([...named('a', 'b'), aMember({ name: 'c', sizeBytes: 7 })], {
      repeatable: true,
    });
    assert.equal(other.taken.corrected, 1);
  });

  describe('that a store lists', () => {
    const listed = (name: string, sizeBytes: number, modified: string | null = null) =>
      aMember({ name, sizeBytes, modified, sourcePath: `raw/${name}` });
    beforeEach(async () => {
      const { loaded } = aDataset();
      const input = { ...loaded.spec.input, source: FILES, settleForSeconds: 5 };
      await world.apply({ ...loaded, spec: { ...loaded.spec, input } });
    });
    const look = (now: number, ...members: readonly Member[]) =>
      take(members, { onlyGrows: true, repeatable: true, now });
    const arriving = async () =>
      [...(await world.records.arrivals(world.dataset))].map(([path, { sinceMs }]) => [path, sinceMs]);

    it('are new only once size and mark have been the same for long enough', async () => {
      const looks: readonly (readonly [number, Member, number])[] = [
        [10_000, listed('c', 40, 'x'), 0],
        [14_999, listed('c', 40, 'x'), 0],
        [15_000, listed('c', 60, 'x'), 0],
        [20_000, listed('c', 60, 'y'), 0],
        [24_999, listed('c', 60, 'y'), 0],
        [25_000, listed('c', 60, 'y'), 1],
      ];
      for (const [now, member, added] of looks) {
        const { taken } = await look(now, ...known, member);
        assert.deepEqual([now, taken.added, taken.arriving], [now, added, 1 - added]);
      }
      assert.deepEqual(await arriving(), []);
      assert.equal((await look(26_000, ...known, listed('c', 60, 'y'))).summaries.length, 0);
    });

    it('count from the end of the listing, and are whole by its beginning', async () => {
      await take([...known, listed('c', 40)], { onlyGrows: true, now: 10_000, listedMs: () => 12_000 });
      assert.equal((await look(16_999, ...known, listed('c', 40))).taken.added, 0);
      assert.equal((await look(17_000, ...known, listed('c', 40))).taken.added, 1);
    });

    it('are forgotten where they are gone before they were whole', async () => {
      await look(10_000, ...known, listed('.c.tmp', 40));
      await look(20_000, ...known);
      assert.deepEqual(await arriving(), []);
    });

    it('keep the size on record until that which is listed has settled', async () => {
      const sizeOf = async () => (await world.page()).inputs.find(({ name }) => name === 'a')?.sizeBytes;
      await look(10_000, listed('a', 150, 'x'), listed('b', 100));
      assert.deepEqual([await sizeOf(), await arriving()], [100, [['raw/a', 10_000]]]);
      const { taken } = await look(15_000, listed('a', 150, 'x'), listed('b', 100));
      assert.deepEqual([taken.corrected, await sizeOf(), await arriving()], [1, 150, []]);
    });

    it('are known to whoever reads the dataset, until they are members', async () => {
      const since = async () => (await world.records.dataset('p17')).arrivingSinceMs;
      await look(10_000, ...known, listed('c', 40), listed('d', 7));
      const totals = await world.records.totals(await world.records.dataset('p17'));
      assert.deepEqual([await since(), totals.arriving], [10_000, { files: 2, example: 'raw/c' }]);
      await look(15_000, ...known, listed('c', 40), listed('d', 7));
      assert.equal(await since(), null);
    });
  });

  it('are compared again while the dataset is held', async () => {
    await take(named('a', 'b'), { repeatable: true });
    await take(named('a'), { verdict: { hold: 'gone' } });
    assert.equal((await take(named('a', 'b'), { repeatable: true })).summaries.length, 1);
    assert.deepEqual((await world.records.dataset('p17')).holds, []);
  });

  it('are left as they are where a person has let a doubt pass, and nothing is told of them', async () => {
    await take(named('a', 'b'), {});
    const { taken } = await take(named('a', 'c'), { verdict: { keep: 'one of them is gone' } });
    assert.deepEqual([taken.held, taken.added, taken.gone], [null, 0, 0]);
    assert.deepEqual(await onRecord(), ['a', 'b']);
    assert.deepEqual((await world.records.dataset('p17')).holds, []);
  });

  it('are contradicted after they were verified by another checksum, not by one nobody had', async () => {
    const summed = (checksum: string) => [aMember({ name: 'a', checksum })];
    await take(summed('adler32:00000001'), {});
    await world.database.knex('input_states').update({ state: 'verified' });
    const contradicted = async (members: readonly Member[]) =>
      (await take(members, { onlyGrows: true })).summaries.map((summary) => summary.contradicted);
    assert.deepEqual(await contradicted(summed('adler32:00000001')), [0]);
    assert.deepEqual(await contradicted(summed(`md5:${'0a'.repeat(16)}`)), [0]);
    assert.deepEqual(await contradicted([aMember({ name: 'b', checksum: 'adler32:00000003' })]), [0]);
    assert.deepEqual(await contradicted(summed('adler32:00000002')), [1]);
  });
});
