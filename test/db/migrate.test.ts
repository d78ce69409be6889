import assert from 'node:assert/strict';
import { type Database, openDatabase } from '../../db/database.ts';
import { migrate, migrateWithin, schemaState } from '../../db/migrate.ts';
import { MIGRATIONS } from '../../db/migrations/index.ts';
import { aDataset } from '../builders.ts';
import { testDatabase } from '../postgres.ts';
import { aMover, aSite } from '../spec-builders.ts';

describe('migrating the schema', function () {
  this.timeout(600_000);
  let server: Awaited<ReturnType<typeof testDatabase>>;
  let database: Database;
  before(async () => {
    server = await testDatabase();
  });
  beforeEach(() => {
    database = openDatabase(server.connection, server.schema('migrate'));
  });
  afterEach(() => database.close());
  after(() => server.close());

  const upTo = (count: number) =>
    database.knex.transaction((tx) => migrateWithin(tx, database.schema, MIGRATIONS.slice(0, count)));

  it('takes up a campaign that an earlier version has recorded', async () => {
    await upTo(1);
    const { loaded } = aDataset();
    const { run: _, settleForSeconds: __, ...input } = loaded.spec.input;
    const earlier = { ...loaded, spec: { ...loaded.spec, input } };
    const dataset = { name: 'p17', request_id: 4711, generation: 1, source_file: '/specs/p17.yaml' };
    const [{ id }] = await database.knex('datasets').insert(dataset).returning('id');
    const generation = { dataset_id: id, number: 1, revision: 'a', digest: 'b', applied_ms: 0 };
    await database.knex('generations').insert({ ...generation, loaded: JSON.stringify(earlier) });
    assert.equal(await schemaState(database), 'older');

    assert.deepEqual(
      await migrate(database),
      MIGRATIONS.slice(1).map(({ name }) => name),
    );
    assert.equal(await schemaState(database), 'current');
    const [row] = await database.knex('datasets').select('name', 'members_input');
    assert.deepEqual(row, { name: 'p17', members_input: null });
    const [recorded] = await database.knex('generations').select('loaded');
    assert.deepEqual(recorded.loaded.spec.input, {
      ...input,
      run: { pattern: null },
      settleForSeconds: 5,
    });
  });

  it('makes a hold of what held a dataset', async () => {
    await upTo(MIGRATIONS.findIndex(({ name }) => name === '0011-holds-and-waivers'));
    const held = { held_reason: 'the input names no files at all', held_ms: 7000 };
    const dataset = { name: 'p17', request_id: 4711, generation: 1, source_file: '/specs/p17.yaml' };
    await database.knex('datasets').insert([
      { ...dataset, ...held },
      { ...dataset, name: 'p18', request_id: 4712 },
    ]);
    await migrate(database);
    const [hold, ...others] = await database
      .knex('holds')
      .select('scope', 'code', 'reason', 'begun_by', 'since_ms');
    const { held_reason: reason, held_ms: since_ms } = held;
    assert.deepEqual(hold, { scope: 'dataset', code: 'held.members', reason, begun_by: 'rereco', since_ms });
    assert.deepEqual(others, []);
  });

  it('knows the node of the last job of each file that an earlier version has seen fail', async () => {
    const before = MIGRATIONS.findIndex(({ name }) => name === '0013-failed-nodes');
    await upTo(before);
    const { knex } = database;
    const dataset = { name: 'p17', request_id: 4711, generation: 1, source_file: '/specs/p17.yaml' };
    const [{ id }] = await knex('datasets').insert(dataset).returning('id');
    const of = { dataset_id: id };
    const submission = {
      ...of,
      phase: 'process',
      generation: 1,
      site: 'here',
      driver: 'local',
      state: 'closed',
    };
    for (const number of [1, 2]) {
      await knex('submissions').insert({ ...submission, id: number, name: `r1-${number}`, intended_ms: 0 });
      const job = { submission_id: number, index: 0, type: 'reco', status: 'error', since_ms: 0 };
      await knex('submission_jobs').insert({ ...job, node: `wn${number}` });
    }
    const state = { ...of, since_ms: 0, machine_version: 1, signature: 'exit N' };
    for (const [file, at] of [
      [1, { state: 'error', phase: 'process' }],
      [2, { state: 'done' }],
    ] as const) {
      const details = {
        ...of,
        id: file,
        kind: 'input',
        name: `raw_${file}`,
        data_tier: 'raw',
        created_ms: 0,
      };
      await knex('file_details').insert(details);
      await knex('input_states').insert({ ...state, ...at, file_id: file });
      for (const number of [1, 2]) {
        const attempt = { ...of, file_id: file, phase: 'process', number, revision: 'a', state: 'failed' };
        await knex('attempts').insert({ ...attempt, submission_id: number, job_index: 0, opened_ms: 0 });
      }
    }
    await migrate(database);
    const rows = await knex('input_states').select('failed_nodes', 'suspect').orderBy('file_id');
    assert.deepEqual(rows, [
      { failed_nodes: ['wn2'], suspect: false },
      { failed_nodes: null, suspect: false },
    ]);
  });

  it('is done once by several that start at once', async () => {
    const others = [1, 2, 3].map(() => openDatabase(server.connection, database.schema));
    const applied = await Promise.all([database, ...others].map((one) => migrate(one)));
    await Promise.all(others.map((one) => one.close()));
    assert.deepEqual(
      applied.flat(),
      MIGRATIONS.map(({ name }) => name),
    );
  });

  it('refuses a schema that is newer than the program', async () => {
    await migrate(database);
    await database
      .knex('knex_migrations')
      .insert({ name: '9999-later', batch: 2, migration_time: new Date() });
    await assert.rejects(migrate(database), /newer than this program .*9999-later.*install the newer rereco/);
  });

  it('describes the jobs of each request, type and generation in one row', async () => {
    await migrate(database);
    const { loaded } = aDataset();
    const movers = [aMover({ from: 'fnal', to: 'hpss' }), aMover({ from: 'tmb', to: 'far' })];
    const dataset = { name: 'p17', request_id: 4711, generation: 1, source_file: '/specs/p17.yaml' };
    const [{ id }] = await database.knex('datasets').insert(dataset).returning('id');
    await database.knex('generations').insert({
      ...{ dataset_id: id, number: 1, revision: 'a', digest: 'b', applied_ms: 0 },
      loaded: JSON.stringify({ ...loaded, site: aSite({ movers }) }),
    });
    const rows = await database.knex('job_descriptions').select('request_id', 'job_type', 'hpss_location');
    assert.deepEqual(rows, [
      { request_id: 4711, job_type: 'd0reco', hpss_location: 'disk:raw/{run}' },
      { request_id: 4711, job_type: 'copy', hpss_location: 'hpss, far' },
    ]);
  });
});
