/** What `get`, `status` and a typed name read from the records. */
import assert from 'node:assert/strict';
import type { Knex } from 'knex';
import { filesNamed, namesTyped } from '../../bin/named.ts';
import { shown } from '../../bin/print/shown.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { countFiles, countJobs, readFiles, readJobs, readQueued } from '../../db/queries/datasets.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';

const NOON = Date.UTC(2026, 0, 2, 12);
const LONG = `all_${'0'.repeat(60)}_0000195142_001.raw`;

/** Names in the order of the files' numbers, with the index of the job that each is in. */
const NAMES: readonly (readonly [name: string, job: number])[] = [
  ['new\nline.raw', 0],
  ['new\\nline.raw', 0],
  ['esc\x1b[31mred.raw', 1],
  ['-odd.raw', 1],
  [LONG, 2],
  ['"quoted" \u202egnp.raw', 2],
];

describe('what is on record, for people', () => {
  let server: TestDatabase;
  let database: Database;

  before(async function openSchema() {
    this.timeout(600_000);
    server = await testDatabase();
    database = openDatabase(server.connection, server.schema('lists'));
    await migrate(database);
    await fill(database.knex);
  });

  after(async () => {
    await database.close();
    await server.close();
  });

  const meant = async (typed: string) => (await filesNamed(database.knex, typed, null))[0].name;

  describe('a name', () => {
    it('is found as it is shown, and as it is', async () => {
      for (const [name] of NAMES.slice(2)) {
        assert.equal(await meant(shown(name)), name);
        assert.equal(await meant(name), name);
      }
    });

    it('may be typed with other escapes', async () => {
      assert.equal(await meant('esc\\e[31mred.raw'), 'esc\x1b[31mred.raw');
      assert.equal(await meant('esc\\033[31mred.raw'), 'esc\x1b[31mred.raw');
    });

    it('is not guessed where it may be two', async () => {
      await assert.rejects(meant('new\\nline.raw'), /may be new\\\\nline.raw, new\\nline.raw: say which/);
      assert.equal(await meant('new\nline.raw'), 'new\nline.raw');
      assert.equal(await meant('new\\\\nline.raw'), 'new\\nline.raw');
    });

    it('is found by its ends where a terminal has no room for more', async () => {
      assert.equal(await meant('all_0000…42_001.raw'), LONG);
      assert.equal(await meant('esc\\x1b…raw'), 'esc\x1b[31mred.raw');
      await assert.rejects(meant('new…raw'), /may be .*: say which/);
      await assert.rejects(meant('all_9…raw'), /there is no file all_9…raw/);
    });

    it('goes to clean as it is on record', async () => {
      const typed = ['all_0…001.raw', 'esc\\e[31mred.raw'];
      assert.deepEqual(await namesTyped(database.knex, typed, ['odd']), [LONG, 'esc\x1b[31mred.raw']);
      await assert.rejects(
        namesTyped(database.knex, [LONG], ['other']),
        /dataset other has no file .*; odd has/,
      );
    });
  });

  describe('a list', () => {
    const filter = { datasets: [], states: [], kinds: [], names: [], limit: 2 };

    it('counts what its limit leaves out', async () => {
      assert.equal((await readFiles(database.knex, filter)).length, 2);
      assert.equal(await countFiles(database.knex, filter), NAMES.length);
      assert.equal(await countJobs(database.knex, filter), 3);
    });

    it('has the files of each job', async () => {
      const jobs = await readJobs(database.knex, { ...filter, limit: 10 });
      const of = (index: number) => NAMES.filter(([, job]) => job === index).map(([name]) => name);
      assert.deepEqual(
        jobs.map(({ name, files }) => [name, files]),
        [
          ['r1-abc-1', of(0)],
          ['r1-abc-1:1', of(1)],
          ['r1-abc-1:2', of(2)],
        ],
      );
    });

    it('tells queued jobs from the others', async () => {
      const named = async (...states: string[]) =>
        (await readJobs(database.knex, { ...filter, states, limit: 10 })).map(({ name }) => name);
      assert.deepEqual(await named('queued'), ['r1-abc-1', 'r1-abc-1:2']);
      assert.deepEqual(await named('pending'), ['r1-abc-1', 'r1-abc-1:2']);
      assert.deepEqual(await named('running'), ['r1-abc-1:1']);
    });

    it('counts the files whose job is queued', async () => {
      assert.deepEqual(await readQueued(database.knex, [1, 2]), new Map([[1, 4]]));
    });
  });
});

async function fill(knex: Knex): Promise<void> {
  const dataset = { request_id: 1, generation: 1, source_file: '/odd.yaml' };
  await knex('datasets').insert({ ...dataset, name: 'odd' });
  const times = { intended_ms: NOON, accepted_ms: NOON };
  const submission = { id: 1, name: 'r1-abc-1', dataset_id: 1, phase: 'process', generation: 1 };
  await knex('submissions').insert({
    ...submission,
    ...times,
    site: 's',
    driver: 'local',
    state: 'accepted',
  });
  const job = { submission_id: 1, type: 'reco', since_ms: NOON };
  await knex('submission_jobs').insert(
    ['pending', 'running', 'pending'].map((status, index) => ({ ...job, index, status })),
  );
  for (const [name, index] of NAMES) await addRunning(knex, name, index);
}

async function addRunning(knex: Knex, name: string, index: number): Promise<void> {
  const details = { dataset_id: 1, kind: 'input', name, data_tier: 'raw', created_ms: NOON };
  const [file] = await knex('file_details').insert(details).returning('id');
  const about = { file_id: file.id, dataset_id: 1 };
  await knex('input_states').insert({ ...about, state: 'running', since_ms: NOON, machine_version: 1 });
  const tried = { ...about, phase: 'process', revision: 'a' };
  const [attempt] = await knex('attempts')
    .insert({ ...tried, number: 1, submission_id: 1, job_index: index, state: 'live', opened_ms: NOON })
    .returning('id');
  await knex('live_attempts').insert({ ...tried, attempt_id: attempt.id, submission_id: 1 });
}
