import assert from 'node:assert/strict';
import { testDatabase } from '../postgres.ts';
import { aMember, aRecordsWorld, type RecordsWorld } from './records-world.ts';

describe('the sums of bytes', function () {
  this.timeout(600_000);
  let server: Awaited<ReturnType<typeof testDatabase>>;
  let world: RecordsWorld;
  before(async () => {
    server = await testDatabase();
    world = await aRecordsWorld(server, [
      aMember({ name: 'a', sizeBytes: 1000 }),
      aMember({ name: 'b', sizeBytes: 500 }),
      aMember({ name: 'c', sizeBytes: null }),
    ]);
  });
  after(async () => {
    await world.close();
    await server.close();
  });

  it('are by state, with what is under way, and what outputs came to', async () => {
    const { records, dataset, database } = world;
    const { knex } = database;
    const [a, b] = (await world.page()).inputs.map((input) => input.id);
    await knex('input_states').where({ file_id: a }).update({ state: 'done' });
    const [{ id }] = await knex('file_details')
      .insert({
        dataset_id: dataset.id,
        kind: 'output',
        name: 'a.dst',
        data_tier: 'dst',
        size_bytes: 250,
        parent_id: a,
        output_key: 'dst',
        created_ms: 0,
      })
      .returning('id');
    const output = { file_id: id, dataset_id: dataset.id, output_key: 'dst', state: 'promoted' };
    await knex('output_states').insert({ ...output, since_ms: 0, machine_version: 1 });
    const attempt = { file_id: b, dataset_id: dataset.id, phase: 'transfer', revision: '' };
    const [{ id: attemptId }] = await knex('attempts')
      .insert({ ...attempt, number: 1, state: 'live', opened_ms: 0 })
      .returning('id');
    await knex('live_attempts').insert({ ...attempt, attempt_id: attemptId });

    const none = { transferred: 0, verified: 0, running: 0, error: 0, copied: 0 };
    assert.deepEqual(await records.bytes(dataset), {
      inputs: { pending: 500, done: 1000, ...none },
      arriving: 500,
      leaving: { dst: 0 },
      unexported: { dst: 250 },
      ratios: { dst: 0.25 },
    });
  });
});
