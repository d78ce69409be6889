/** What is on record before places were: the migration, and what stores say of it afterwards. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { locatePlaces } from '../../bin/locate-places.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import { migrate, migrateWithin } from '../../db/migrate.ts';
import { MIGRATIONS } from '../../db/migrations/index.ts';
import { postgresRecords } from '../../db/records.ts';
import { posixStore } from '../../reconcilers/drivers/store/posix.ts';
import type { SiteSpec, StoreSpec } from '../../specs/types.ts';
import { aDataset } from '../builders.ts';
import { testDatabase } from '../postgres.ts';
import { anOutputSpec, aSite } from '../spec-builders.ts';

describe('places of a campaign that is on record', function () {
  this.timeout(600_000);
  let server: Awaited<ReturnType<typeof testDatabase>>;
  let database: Database;
  let folder: string;
  let requests = 0;
  before(async () => {
    server = await testDatabase();
  });
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rereco-places-'));
    await mkdir(path.join(folder, 'disk'));
    await symlink('disk', path.join(folder, 'link'));
    database = openDatabase(server.connection, server.schema('places'));
    await database.knex.transaction((tx) => migrateWithin(tx, database.schema, MIGRATIONS.slice(0, 2)));
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });
  after(() => server.close());

  const storeAt = (root: string): StoreSpec => ({
    driver: 'posix',
    root: path.join(folder, root),
    keepFreeBytes: 0,
    deleteProof: null,
    callsPerMinute: null,
    options: {},
  });

  /** A dataset whose outputs lie in a folder, as the second schema has it. @returns its inputs */
  async function record(
    name: string,
    root: string,
    outputs: readonly (readonly [input: string, path: string])[],
  ) {
    const { loaded } = aDataset({ name, outputs: [anOutputSpec({ key: 'dst', store: 'disk' })] });
    const site = aSite({ name: `site-${root}`, stores: { disk: storeAt(root) } });
    const { knex } = database;
    requests += 1;
    const [{ id }] = await knex('datasets')
      .insert({
        name,
        request_id: requests,
        generation: 1,
        source_file: `/${name}.yaml`,
      })
      .returning('id');
    const generation = { dataset_id: id, number: 1, revision: 'a', digest: 'b', applied_ms: 0 };
    await knex('generations').insert({ ...generation, loaded: JSON.stringify({ ...loaded, site }) });
    for (const [input, at] of outputs) {
      const row = { dataset_id: id, data_tier: 'raw', created_ms: 0 };
      const [{ id: parent }] = await knex('file_details')
        .insert({ ...row, kind: 'input', name: input })
        .returning('id');
      await knex('input_states').insert({
        ...{ file_id: parent, dataset_id: id, state: 'done', since_ms: 0, machine_version: 1 },
      });
      const made = {
        kind: 'output',
        name: path.basename(at),
        parent_id: parent,
        output_key: 'dst',
        revision: 'a',
      };
      const [{ id: output }] = await knex('file_details')
        .insert({ ...row, ...made, store: 'disk', path: at, created_ms: Number(parent) })
        .returning('id');
      await knex('output_states').insert({
        ...{
          file_id: output,
          dataset_id: id,
          output_key: 'dst',
          state: 'promoted',
          since_ms: 0,
          machine_version: 1,
        },
      });
      await knex('accepted_outputs').insert({
        input_id: parent,
        revision: 'a',
        output_key: 'dst',
        output_id: output,
      });
    }
  }

  const owners = async () =>
    (
      await database.knex.raw(
        `SELECT replace(p.path, ?, '') AS path, t.name || ' ' || d.name AS owner, p.located_ms IS NOT NULL AS located
         FROM places p JOIN datasets t ON t.id = p.dataset_id JOIN file_details d ON d.id = p.input_id ORDER BY 1, 2`,
        [folder],
      )
    ).rows.map((row: { path: string; owner: string; located: boolean }) => [
      row.path,
      row.owner,
      row.located,
    ]);
  const told = async () =>
    (
      await database.knex.raw(
        `SELECT t.name || ' ' || d.name AS file FROM problems p JOIN file_details d ON d.id = p.file_id
         JOIN datasets t ON t.id = p.dataset_id WHERE p.kind = 'place taken' AND p.cleared_ms IS NULL ORDER BY 1`,
      )
    ).rows.map((row: { file: string }) => row.file);
  const locate = async () => {
    const records = postgresRecords(database, 'the test');
    const stores = ({ stores: specs }: SiteSpec) =>
      new Map(Object.entries(specs).map(([name, { root }]) => [name, posixStore({ name, root })]));
    await locatePlaces(database.knex, records, stores, AbortSignal.timeout(300_000));
    await records.close();
  };

  it('go to who was accepted first; the others have a problem from now on', async () => {
    await record('one', 'disk', [
      ['a.raw', 'dst/a.dst'],
      ['a.txt', 'dst/a.dst'],
      ['b.raw', 'dst/b.dst'],
    ]);
    await record('two', 'disk', [['b.raw', 'dst/b.dst']]);
    await migrate(database);
    assert.deepEqual(await owners(), [
      ['/disk/dst/a.dst', 'one a.raw', false],
      ['/disk/dst/b.dst', 'one b.raw', false],
    ]);
    assert.deepEqual(await told(), ['one a.txt', 'two b.raw']);
    await locate();
    assert.deepEqual(
      (await owners()).map(([, , located]: readonly unknown[]) => located),
      [true, true],
    );
  });

  it('that a link makes one are one once their stores have said so, whoever asks first', async () => {
    await record('by-link', 'link', [
      ['a.raw', 'dst/a.dst'],
      ['b.raw', 'dst/b.dst'],
    ]);
    await record('by-name', 'disk', [
      ['a.raw', 'dst/a.dst'],
      ['c.raw', 'dst/c.dst'],
    ]);
    await migrate(database);
    assert.equal((await owners()).length, 4, 'the text alone does not say it');
    await Promise.all([locate(), locate()]);
    assert.deepEqual(await owners(), [
      ['/disk/dst/a.dst', 'by-link a.raw', true],
      ['/disk/dst/b.dst', 'by-link b.raw', true],
      ['/disk/dst/c.dst', 'by-name c.raw', true],
    ]);
    assert.deepEqual(await told(), ['by-name a.raw']);
  });

  it('of a store that is not there stay as the text has them, and are asked for again', async () => {
    await record('gone', 'gone', [['a.raw', 'dst/a.dst']]);
    await migrate(database);
    await locate();
    assert.deepEqual(await owners(), [['/gone/dst/a.dst', 'gone a.raw', false]]);
    await mkdir(path.join(folder, 'gone'));
    await locate();
    assert.deepEqual(await owners(), [['/gone/dst/a.dst', 'gone a.raw', true]]);
  });
});
