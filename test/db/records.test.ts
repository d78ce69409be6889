import assert from 'node:assert/strict';
import type { Phase } from '../../machines/model.ts';
import { closedGates, openGates } from '../../reconcilers/act/open-gates.ts';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { patchInput } from '../../reconcilers/model/findings.ts';
import type { Lease } from '../../reconcilers/model/records.ts';
import { type DatasetRow, EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import type { Gate } from '../../reconcilers/model/totals.ts';
import { someAlike } from '../alike-builder.ts';
import { aDataset } from '../builders.ts';
import { testDatabase } from '../postgres.ts';
import { aMember, aRecordsWorld, onlyInput, type RecordsWorld } from './records-world.ts';

/** What is to be written of a phase's gate; null: it is open. */
function gateChange({ loaded: { spec } }: DatasetRow, phase: Phase, gate: Gate | null) {
  const options = { now: 2000, phase, retry: spec.retry };
  return changeOf(EMPTY_PAGE, [{ on: 'gate', phase, gate }], options).change;
}

describe('the records', function () {
  this.timeout(600_000);
  let server: Awaited<ReturnType<typeof testDatabase>>;
  let world: RecordsWorld;
  before(async () => {
    server = await testDatabase();
  });
  beforeEach(async () => {
    world = await aRecordsWorld(server, [aMember()]);
  });
  afterEach(() => world.close());
  after(() => server.close());

  it('refuse to write a row that another phase has begun an attempt of since it was read', async () => {
    const { records, dataset } = world;
    const [stale, fresh] = [await world.page(), await world.page()];
    const lease = (await records.lease(dataset, 'verify')) as Lease;
    const write = (page: typeof stale, patch: { readonly attempt?: number; readonly copyPath?: string }) => {
      const { retry } = aDataset().loaded.spec;
      const options = { now: 2000, phase: 'verify', retry } as const;
      const { change } = changeOf(page, [patchInput(onlyInput(page).id, patch)], options);
      return records.write(lease, dataset, (writing) => writing.commit(change));
    };

    await write(fresh, { attempt: 1 });
    await assert.rejects(write(stale, { copyPath: 'raw/1/raw_1' }), { name: 'StaleRow' });
    const { attempt, copyPath } = onlyInput(await world.page());
    assert.deepEqual([attempt, copyPath], [1, null]);
  });

  const trouble = async () => (await world.records.totals(world.dataset)).trouble;

  describe('of what failures have in common', () => {
    const failed = (fields: Record<string, unknown>) => ({
      state: 'error',
      phase: 'process',
      class: 'unknown',
      signature: 'exit N',
      since_ms: 5000,
      ...fields,
    });
    beforeEach(async () => {
      await world.close();
      world = await aRecordsWorld(
        server,
        [1, 2, 3, 4].map((number) => aMember({ name: `raw_${number}` })),
      );
    });

    it('tell nothing while nothing has failed', async () => {
      assert.deepEqual(await trouble(), { outage: null, alike: [] });
    });

    it('tell of an outage until a job begun after it has gone well', async () => {
      const { knex } = world.database;
      const [first, ...others] = (await world.page()).inputs.map((input) => input.id);
      const met = failed({ class: 'outage', reason: 'ORA-12541' });
      await knex('input_states').whereIn('file_id', others).update(met);
      const { outage } = await trouble();
      assert.deepEqual(outage, { files: 3, reason: 'ORA-12541', lastMs: 5000, probing: 0, over: false });

      const attempt = { file_id: first, dataset_id: world.dataset.id, phase: 'process', number: 1 };
      const [{ id }] = await knex('attempts')
        .insert({ ...attempt, revision: 'a', state: 'accepted', opened_ms: 6000 })
        .returning('id');
      await knex('input_states').where({ file_id: first }).update({ state: 'done', accepted_attempt: id });
      assert.equal((await trouble()).outage?.over, true);
    });

    it('count failures of jobs that are alike, with their classes, jobs and nodes', async () => {
      const { knex } = world.database;
      const [first, second, ...others] = (await world.page()).inputs.map((input) => input.id);
      const set = (ids: readonly (number | undefined)[], fields: Record<string, unknown>) =>
        knex('input_states').whereIn('file_id', ids.map(Number)).update(failed(fields));
      await set([first], { class: 'software', failed_nodes: ['wn1', 'wn2'] });
      await set([second], { failed_nodes: ['wn2'] });
      await set(others, { class: 'transient', failed_nodes: ['wn9'] });
      const alike = { signature: 'exit N', suspect: false, classes: ['software', 'unknown'], files: 2 };
      assert.deepEqual((await trouble()).alike, [{ ...alike, tries: 3, onNodes: 2, nodes: ['wn1', 'wn2'] }]);
    });

    it('count suspect failures whatever their class, and while they are tried again', async () => {
      const { knex } = world.database;
      await knex('input_states').update(
        failed({ class: 'site', suspect: true, failed_nodes: ['wn1'], state: 'verified', phase: null }),
      );
      assert.deepEqual((await trouble()).alike, [
        someAlike({
          signature: 'exit N',
          suspect: true,
          classes: ['site'],
          files: 4,
          tries: 4,
          nodes: ['wn1'],
        }),
      ]);
      await knex('input_states').update({ signature: null });
      assert.deepEqual((await trouble()).alike, []);
    });
  });

  it('keep a gate until it is opened', async () => {
    const { records, dataset } = world;
    const gate = {
      kind: 'refused',
      message: 'full',
      tries: 2,
      generation: 1,
      sinceMs: 1,
      retryAtMs: 9,
    } as const;
    const lease = (await records.lease(dataset, 'process')) as Lease;
    const say = (said: typeof gate | null) => {
      const change = gateChange(dataset, 'process', said);
      return records.write(lease, dataset, (writing) => writing.commit(change));
    };

    await say(gate);
    assert.deepEqual((await records.totals(dataset)).gates, { process: gate });
    await say(null);
    assert.deepEqual((await records.totals(dataset)).gates, {});
  });

  it('let a person open a gate, but not under the hands of a pass', async () => {
    const { records, dataset } = world;
    const gate = {
      kind: 'rejected',
      message: 'no',
      tries: 1,
      generation: 1,
      sinceMs: 1,
      retryAtMs: 9,
    } as const;
    const lease = (await records.lease(dataset, 'transfer')) as Lease;
    const change = gateChange(dataset, 'transfer', gate);
    await records.write(lease, dataset, (writing) => writing.commit(change));
    const closed = await closedGates(dataset, records);
    assert.deepEqual(closed, [{ phase: 'transfer', gate }]);

    assert.deepEqual(await openGates(dataset, closed, records), []);
    await records.release(lease);
    assert.deepEqual(await openGates(dataset, closed, records), closed);
    assert.deepEqual(await closedGates(dataset, records), []);
  });
});
