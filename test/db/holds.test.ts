import assert from 'node:assert/strict';
import { beginHold, endHold, type HoldBy, readHolds, resumeHold } from '../../db/holds.ts';
import { readDatasetMoves } from '../../db/queries/history.ts';
import { heldAlike } from '../../reconcilers/decide/stops/alike.ts';
import type { Hold, HoldTarget } from '../../reconcilers/model/holds.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';
import { aMember, aRecordsWorld, type RecordsWorld } from './records-world.ts';

const ALICE: HoldBy = { by: 'alice', holder: 'the test', nowMs: 5000 };
const BOB: HoldBy = { by: 'bob', holder: 'the test', nowMs: 9000 };

describe('holds', function () {
  this.timeout(600_000);
  let server: TestDatabase;
  let world: RecordsWorld;
  before(async () => {
    server = await testDatabase();
  });
  beforeEach(async () => {
    const names = Array.from({ length: 8 }, (_, index) => `raw_${index}`);
    world = await aRecordsWorld(
      server,
      names.map((name) => aMember({ name })),
    );
  });
  afterEach(() => world.close());
  after(() => server.close());

  const begin = (target: HoldTarget, by = ALICE) => {
    const datasetId = target.scope === 'dataset' || target.scope === 'phase' ? world.dataset.id : null;
    const hold = { datasetId, target, code: 'suspended.byPerson', reason: 'an upgrade' } as const;
    return beginHold(world.database.knex, hold, by);
  };
  const p17 = { scope: 'dataset', of: 'p17', name: '' } as const;
  const disk = { scope: 'system', of: 'here', name: 'disk' } as const;
  const lasting = async () => (await world.records.dataset('p17')).holds;
  const first = async (): Promise<Hold> => {
    const [hold] = await lasting();
    assert.ok(hold);
    return hold;
  };

  it('begin once, and are known to whoever reads the dataset', async () => {
    assert.deepEqual([await begin(p17), await begin(p17, BOB)], [true, false]);
    const [hold, ...others] = await lasting();
    assert.deepEqual(
      { ...hold, id: 0 },
      { ...p17, id: 0, code: 'suspended.byPerson', reason: 'an upgrade', by: 'alice', sinceMs: 5000 },
    );
    assert.deepEqual(others, []);
    assert.deepEqual(await readHolds(world.database.knex, world.dataset), [hold]);
  });

  it('of a system are those of every dataset at its site', async () => {
    await begin(disk);
    await begin({ ...disk, of: 'elsewhere' });
    assert.deepEqual(
      (await lasting()).map(({ scope, of, name }) => ({ scope, of, name })),
      [disk],
    );
  });

  it('end once, stay as rows, and may begin anew', async () => {
    await begin(p17);
    const hold = await first();
    const { knex } = world.database;
    const over = { ended: 'resumed', because: 'it is done' } as const;
    assert.deepEqual(
      [await endHold(knex, hold, over, BOB), await endHold(knex, hold, over, BOB)],
      [true, false],
    );
    assert.deepEqual(await lasting(), []);
    assert.equal(await begin(p17, BOB), true);
    const rows = await knex('holds').select('begun_by', 'ended', 'ended_by').orderBy('id');
    assert.deepEqual(rows, [
      { begun_by: 'alice', ended: 'resumed', ended_by: 'bob' },
      { begun_by: 'bob', ended: null, ended_by: null },
    ]);
  });

  it('stand in the history of the dataset, with who and why', async () => {
    await begin({ scope: 'phase', of: 'p17', name: 'process' });
    await endHold(world.database.knex, await first(), { ended: 'resumed', because: 'it is done' }, BOB);
    await begin(disk);
    const moves = await readDatasetMoves(world.database.knex, world.dataset.id, 10);
    assert.deepEqual(
      moves.map(({ name, from, to, phase, fact, because }) => [name, from, to, phase, fact, because]),
      [
        ['p17', 'open', 'suspended', 'process', 'hold.began', 'by alice: an upgrade'],
        ['p17', 'suspended', 'open', 'process', 'hold.ended', 'by bob: it is done'],
        ['p17', 'open', 'suspended', null, 'hold.began', 'disk of here, by alice: an upgrade'],
      ],
    );
  });

  it('by rules begin and end as the rules find them', async () => {
    const { records } = world;
    const note = async (reason: string | null) =>
      records.noteHolds(await records.dataset('p17'), [{ code: 'held.software', reason }], 7000);
    await note('3 files failed alike');
    await note('4 files failed alike');
    const { reason, by, sinceMs } = await first();
    assert.deepEqual([reason, by, sinceMs], ['4 files failed alike', 'rereco', 7000]);
    await note(null);
    assert.deepEqual(await lasting(), []);
    const [row] = await world.database.knex('holds').select('ended', 'ended_by', 'ended_because');
    assert.deepEqual(row, { ended: 'over', ended_by: 'rereco', ended_because: 'its cause is gone' });
  });

  describe('that a person ends', () => {
    const fail = (sinceMs: number, ...names: readonly string[]) =>
      world.database.knex.raw(
        `UPDATE input_states s SET state = 'error', phase = 'process', class = 'software', signature = 'exit N', since_ms = ?
         FROM file_details d WHERE d.id = s.file_id AND d.name = ANY(?)`,
        [sinceMs, [...names]],
      );
    const alike = async () => {
      const totals = await world.records.totals(await world.records.dataset('p17'));
      return [heldAlike(totals)?.files ?? 0, totals.failing];
    };

    it('count what fails after that, and no more what failed before', async () => {
      await fail(1000, 'raw_0', 'raw_1', 'raw_2');
      assert.deepEqual(await alike(), [3, 3]);
      for (const code of ['held.software', 'held.failures'] as const) {
        await world.records.noteHolds(world.dataset, [{ code, reason: 'so many' }], 2000);
      }
      for (const hold of await lasting()) {
        await resumeHold(world.database.knex, hold, 'the others are fine', BOB);
      }
      assert.deepEqual(await alike(), [0, 0]);
      await fail(9001, 'raw_3', 'raw_4');
      assert.deepEqual(await alike(), [0, 2]);
      await fail(9002, 'raw_5');
      assert.deepEqual(await alike(), [3, 3]);
    });

    it('let the dataset go on with the members on record where those were in doubt', async () => {
      await world.records.noteHolds(world.dataset, [{ code: 'held.members', reason: 'half are gone' }], 2000);
      await resumeHold(world.database.knex, await first(), 'they were moved', BOB);
      const { holds, membersKept } = await world.records.dataset('p17');
      assert.deepEqual([holds, membersKept], [[], 'half are gone']);
    });
  });
});
