import assert from 'node:assert/strict';
import { OUTPUT_MACHINE_VERSION } from '../../machines/output.ts';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import type { Finding } from '../../reconcilers/model/findings.ts';
import type { Lease } from '../../reconcilers/model/records.ts';
import { EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import type { PageScope } from '../../reconcilers/model/scope.ts';
import { testDatabase } from '../postgres.ts';
import { aMember, aRecordsWorld, aScope, onlyInput, type RecordsWorld } from './records-world.ts';

const DAY_MS = 86_400_000;
/** Outputs were accepted at 1000. */
const NOW = 100 * DAY_MS;

/** Outputs that are due to be looked at by then. */
function dueAt(dueMs: number, all: boolean): PageScope {
  const scrub = { everyMs: 30 * DAY_MS, day: Math.floor(dueMs / DAY_MS), atMost: 200, all };
  return aScope({ subject: 'outputs', states: ['located', 'deleted'], dueMs, scrub });
}

describe('the scrubs on record', function () {
  this.timeout(600_000);
  let server: Awaited<ReturnType<typeof testDatabase>>;
  let world: RecordsWorld;
  before(async () => {
    server = await testDatabase();
  });
  beforeEach(async () => {
    world = await aRecordsWorld(server, [aMember()]);
    const { id } = onlyInput(await world.page());
    await world.database.knex('input_states').update({ state: 'copied', revision: 'a' });
    await addOutput(id, 'dst', { state: 'located' });
    await addOutput(id, 'tmb', { state: 'deleted' });
    await addOutput(id, 'old', { state: 'located', revision: 'b' });
    await addOutput(id, 'bad', { state: 'located', class: 'data' });
    await addOutput(id, 'sumless', { state: 'located', checksum: null });
    await addOutput(id, 'early', { state: 'accepted' });
  });
  afterEach(() => world.close());
  after(() => server.close());

  async function addOutput(
    parent_id: number,
    key: string,
    {
      state,
      revision = 'a',
      checksum = 'adler32:00000001',
      class: cls = null,
    }: Record<string, string | null>,
  ): Promise<void> {
    const { database, dataset } = world;
    const ofOutput = { kind: 'output', data_tier: key, parent_id, output_key: key, revision, checksum };
    const [{ id }] = await database
      .knex('file_details')
      .insert({
        dataset_id: dataset.id,
        name: key,
        size_bytes: 5,
        ...ofOutput,
        store: 'disk',
        path: key,
        created_ms: 1000,
      })
      .returning('id');
    const row = { file_id: id, dataset_id: dataset.id, output_key: key, state, class: cls, since_ms: 1000 };
    await database.knex('output_states').insert({ ...row, machine_version: OUTPUT_MACHINE_VERSION });
  }

  const due = async (scope: PageScope) => {
    for await (const page of world.records.pages(world.dataset, scope)) {
      const names = page.scrub?.due.map((id) => page.outputs.find((output) => output.id === id)?.name);
      return { names, readToday: page.scrub?.readToday };
    }
    return { names: [], readToday: undefined };
  };

  async function look(name: string, lookedMs: number, dueMs: number): Promise<void> {
    const { records, dataset, database } = world;
    const { id } = await database.knex('file_details').where({ name, kind: 'output' }).first('id');
    const lease = (await records.lease(dataset, 'process')) as Lease;
    const { retry } = dataset.loaded.spec;
    const found: Finding = { on: 'scrub', fileId: id, result: 'good', bytes: 5, lookedMs, dueMs };
    const { change } = changeOf(EMPTY_PAGE, [found], { now: lookedMs, phase: 'process', retry });
    await records.write(lease, dataset, (writing) => writing.commit(change));
    await records.release(lease);
  }

  it('are due for outputs that count, a while after they were accepted', async () => {
    assert.deepEqual((await due(dueAt(29 * DAY_MS, true))).names, []);
    assert.deepEqual((await due(dueAt(NOW, true))).names, ['dst', 'tmb']);
  });

  it('are due again when their time has come, and count against their day', async () => {
    await look('dst', NOW, NOW + 30 * DAY_MS);
    assert.deepEqual(await due(dueAt(NOW, true)), { names: ['tmb'], readToday: 5 });
    await look('tmb', NOW, NOW + 10);
    assert.deepEqual(await due(dueAt(NOW + 10, false)), { names: ['tmb'], readToday: 10 });
    assert.deepEqual(await due(dueAt(NOW + 40 * DAY_MS, false)), { names: ['tmb', 'dst'], readToday: 0 });
  });

  it('of outputs that were never looked at are found when everything is looked at', async () => {
    assert.deepEqual((await due(dueAt(NOW, false))).names, []);
    await look('dst', NOW, NOW + 5);
    assert.deepEqual((await due(dueAt(NOW + 5, false))).names, ['dst']);
  });
});
