import assert from 'node:assert/strict';
import { openDraft } from '../../reconcilers/decide/draft.ts';
import type { Lease } from '../../reconcilers/ports/records.ts';
import { aDataset } from '../builders.ts';
import { testDatabase } from '../postgres.ts';
import { aMember, aRecordsWorld, onlyInput, type RecordsWorld } from './records-world.ts';

describe('the records', function () {
  this.timeout(60_000);
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
      const draft = openDraft(page, { now: 2000, phase: 'verify', retry });
      draft.touch(onlyInput(page).id, patch);
      return records.write(lease, dataset, (writing) => writing.commit(draft.change()));
    };

    await write(fresh, { attempt: 1 });
    await assert.rejects(write(stale, { copyPath: 'raw/1/raw_1' }), { name: 'StaleRow' });
    const { attempt, copyPath } = onlyInput(await world.page());
    assert.deepEqual([attempt, copyPath], [1, null]);
  });
});
