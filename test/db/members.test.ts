import assert from 'node:assert/strict';
import type { MembersSummary, MembersVerdict } from '../../reconcilers/decide/membership.ts';
import type { Member } from '../../reconcilers/ports/records.ts';
import { testDatabase } from '../postgres.ts';
import { aMember, aRecordsWorld, asPages, type RecordsWorld } from './records-world.ts';

const named = (...names: readonly string[]) => names.map((name) => aMember({ name }));

describe('members of a dataset', function () {
  this.timeout(60_000);
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
    how: { readonly onlyGrows?: boolean; readonly repeatable?: boolean; readonly verdict?: MembersVerdict },
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
    assert.equal((await world.records.dataset('p17')).heldReason, 'half of them are gone');
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

  it('are compared again while the dataset is held', async () => {
    await take(named('a', 'b'), { repeatable: true });
    await take(named('a'), { verdict: { hold: 'gone' } });
    assert.equal((await take(named('a', 'b'), { repeatable: true })).summaries.length, 1);
    assert.equal((await world.records.dataset('p17')).heldReason, null);
  });
});
