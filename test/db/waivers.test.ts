import assert from 'node:assert/strict';
import { readErrors } from '../../db/queries/errors.ts';
import { readLedger, readLedgerFiles } from '../../db/queries/ledger.ts';
import { datasetOfGroup, readWaivable } from '../../db/waivable.ts';
import { waiveInputs } from '../../reconcilers/act/waive.ts';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { onInput } from '../../reconcilers/model/findings.ts';
import type { InputRow } from '../../reconcilers/model/rows.ts';
import { EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';
import { aMember, aRecordsWorld, aScope, asPages, type RecordsWorld } from './records-world.ts';

const WORD = { by: 'alice', because: 'its tape is torn', named: 'the file' };

describe('waivers', function () {
  this.timeout(600_000);
  let server: TestDatabase;
  let world: RecordsWorld;
  before(async () => {
    server = await testDatabase();
  });
  beforeEach(async () => {
    world = await aRecordsWorld(
      server,
      ['a', 'b', 'c', 'd'].map((name) => aMember({ name })),
    );
    await fail('a', 'b', 'c');
  });
  afterEach(() => world.close());
  after(() => server.close());

  const fail = (...names: readonly string[]) =>
    world.database.knex.raw(
      `UPDATE input_states s SET state = 'error', phase = 'process', class = 'data', signature = 'exit N', reason = 'exit 7',
         retry_at_ms = NULL FROM file_details d WHERE d.id = s.file_id AND d.name = ANY(?)`,
      [[...names]],
    );
  const knex = () => world.database.knex;
  const around = () => ({ records: world.records, patience: async () => false });
  const inputs = async () => (await world.page()).inputs;
  const input = async (name: string): Promise<InputRow> => {
    const found = (await inputs()).find((one) => one.name === name);
    assert.ok(found);
    return found;
  };
  const waive = async (...names: readonly string[]) => {
    const named = (await inputs()).filter(({ name }) => names.includes(name));
    return waiveInputs(
      world.dataset,
      named.map((one) => ({ input: one, accounted: null })),
      WORD,
      around(),
    );
  };
  const terms = async () => {
    const { catalog, read, skipped, failed, waived, pending, difference, balanced } = await readLedger(
      knex(),
      world.dataset.id,
    );
    const sum = read.events + skipped + failed.events + waived.events + pending.events;
    assert.equal(catalog.events, sum + difference);
    return {
      read: read.events,
      failed: failed.events,
      waived: waived.events,
      pending: pending.events,
      balanced,
    };
  };
  const totals = async () => {
    const { waived, stopped, failing } = await world.records.totals(world.dataset);
    return { waived, stopped, failing };
  };

  it('are a term of the ledger, by whom and why, and settle a file', async () => {
    assert.deepEqual(await terms(), { read: 0, failed: 30, waived: 0, pending: 10, balanced: false });
    assert.deepEqual(await totals(), { waived: 0, stopped: 3, failing: 3 });
    await waive('a', 'b');
    assert.deepEqual(await terms(), { read: 0, failed: 10, waived: 20, pending: 10, balanced: false });
    assert.deepEqual(await totals(), { waived: 2, stopped: 1, failing: 1 });
    const { waivedBy } = await readLedger(knex(), world.dataset.id);
    assert.deepEqual(waivedBy, [{ by: 'alice', because: 'its tape is torn', files: 2, events: 20 }]);
    const files = await readLedgerFiles(knex(), world.dataset.id, 'waived', null);
    assert.deepEqual(
      files.map(({ name, reason }) => [name, reason]),
      [
        ['a', 'by alice: its tape is torn'],
        ['b', 'by alice: its tape is torn'],
      ],
    );
  });

  it('cover the files of a group as it is at that moment', async () => {
    const [group, ...others] = await readErrors(knex(), [world.dataset.id], 10);
    assert.match(group?.id ?? '', /^g[0-9a-f]{7}$/);
    assert.deepEqual([group?.count, others], [3, []]);
    assert.equal(await datasetOfGroup(knex(), group?.id ?? ''), 'p17');
    const named = await readWaivable(knex(), world.dataset, { group: group?.id ?? '' });
    await waiveInputs(world.dataset, named, WORD, around());
    assert.deepEqual(await readErrors(knex(), [world.dataset.id], 10), []);
    await fail('d');
    const later = await readErrors(knex(), [world.dataset.id], 10);
    assert.deepEqual(
      later.map(({ id, count, example }) => [id, count, example]),
      [[group?.id, 1, 'd']],
    );
    assert.deepEqual(await terms(), { read: 0, failed: 10, waived: 30, pending: 0, balanced: false });
  });

  it('cover the failed files of a run, and no others', async () => {
    const named = await readWaivable(knex(), world.dataset, { run: 1 });
    assert.deepEqual(
      named.map((one) => one.input.name),
      ['a', 'b', 'c'],
    );
  });

  it('are written once', async () => {
    await waive('a');
    await waive('a');
    assert.equal((await knex()('waivers').select('id')).length, 1);
  });

  it('are in force again when a file that was resubmitted fails for good once more', async () => {
    await waive('a');
    await knex()('input_states').where({ waiver_id: 1 }).update({ state: 'running', phase: null });
    assert.deepEqual(await terms(), { read: 0, failed: 20, waived: 0, pending: 20, balanced: false });
    await fail('a');
    assert.deepEqual(await terms(), { read: 0, failed: 20, waived: 10, pending: 10, balanced: false });
    await knex()('input_states').where({ waiver_id: 1 }).update({ retry_at_ms: 9 });
    assert.deepEqual(await terms(), { read: 0, failed: 30, waived: 0, pending: 10, balanced: false });
  });

  it('are taken back by a row of their own when the file is processed after all', async () => {
    await waive('a');
    await knex()('input_states').where({ waiver_id: 1 }).update({ state: 'running', phase: null });
    const lease = await world.records.lease(world.dataset, 'process');
    assert.ok(!('takenBy' in lease));
    await world.records.write(lease, world.dataset, async (writing) => {
      const page = await writing.reread({ ...EMPTY_PAGE, inputs: [await input('a')] }, aScope());
      const id = page.inputs[0]?.id ?? 0;
      const done = onInput(id, {
        fact: { type: 'job.succeeded' },
        because: 'well',
        patch: { waiverId: null },
      });
      const options = { now: 5000, phase: 'process', retry: world.dataset.loaded.spec.retry } as const;
      await writing.commit(changeOf(page, [done], options).change);
    });
    const rows = await knex()('waivers')
      .select('events', 'reverses_id', 'signed_by', 'because')
      .orderBy('id');
    assert.deepEqual(rows, [
      { events: 10, reverses_id: null, signed_by: 'alice', because: 'its tape is torn' },
      { events: -10, reverses_id: 1, signed_by: 'rereco', because: 'processed after all, by attempt 0' },
    ]);
    const facts = await knex()('transitions')
      .where({ file_id: (await input('a')).id })
      .orderBy('id')
      .pluck('fact');
    assert.deepEqual(facts, ['input.waived', 'job.succeeded', 'waiver.reversed']);
  });

  it('are taken back when the file is said to be another one', async () => {
    await waive('a');
    const answer = ['a', 'b', 'c', 'd'].map((name) => aMember({ name, eventCount: name === 'a' ? 12 : 10 }));
    const how = { onlyGrows: false, repeatable: false, decide: () => 'apply' as const, now: 2000 };
    await world.records.members(world.dataset, () => asPages(answer), how);
    assert.deepEqual(await terms(), { read: 0, failed: 32, waived: 0, pending: 10, balanced: false });
    assert.deepEqual(await knex()('waivers').orderBy('id').pluck('events'), [10, -10]);
  });
});
