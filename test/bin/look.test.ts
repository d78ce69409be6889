import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Knex } from 'knex';
import { pack } from 'tar-stream';
import { UserError } from '../../bin/failure.ts';
import { endOf, readTar } from '../../bin/logs-of.ts';
import { filesNamed } from '../../bin/named.ts';
import { localTime, span } from '../../bin/print/time.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import { readDatasets } from '../../db/dataset-records.ts';
import { migrate } from '../../db/migrate.ts';
import { readErrors } from '../../db/queries/errors.ts';
import { readAttempts, readDays, readFileMoves } from '../../db/queries/history.ts';
import { readLedger, readLedgerFiles } from '../../db/queries/ledger.ts';
import { findLastJob, findSubmission, readFailedJobs } from '../../db/queries/logs.ts';
import { countAhead, readLastFailure } from '../../db/queries/why.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';

const NOON = Date.UTC(2026, 0, 2, 12);

/** Inputs of dataset 1: name, state, event count, and what differs from an untried one. */
const INPUTS: readonly {
  readonly name: string;
  readonly state: string;
  readonly events: number | null;
  readonly more?: Readonly<Record<string, unknown>>;
}[] = [
  { name: 'f01', state: 'done', events: 100 },
  { name: 'f02', state: 'copied', events: 50 },
  {
    name: 'f03',
    state: 'error',
    events: 30,
    more: {
      phase: 'process',
      class: 'transient',
      signature: 'exit N',
      reason: 'exit 1',
      retry_at_ms: NOON + 60_000,
    },
  },
  {
    name: 'f04',
    state: 'error',
    events: 20,
    more: { phase: 'process', class: 'transient', signature: 'exit N', reason: 'exit 2' },
  },
  {
    name: 'f05',
    state: 'error',
    events: 7,
    more: { phase: 'verify', class: 'data', signature: 'size', reason: 'the copy has 1 bytes' },
  },
  { name: 'f06', state: 'running', events: 9 },
  { name: 'f07', state: 'pending', events: null },
  {
    name: 'f08',
    state: 'error',
    events: 1000,
    more: { phase: 'process', class: 'data', signature: 'gone', retired_ms: NOON },
  },
  { name: 'f09', state: 'verified', events: 4 },
  { name: 'f10', state: 'verified', events: 5 },
];

describe('the looking commands', () => {
  let server: TestDatabase;
  let database: Database;
  const ids = new Map<string, number>();
  const idOf = (name: string) => ids.get(name) ?? 0;

  before(async function openSchema() {
    this.timeout(600_000);
    server = await testDatabase();
    database = openDatabase(server.connection, server.schema('look'));
    await migrate(database);
    await fill(database, ids);
  });

  after(async () => {
    await database.close();
    await server.close();
  });

  describe('errors', () => {
    it('groups inputs, outputs and problems, the largest group first', async () => {
      const groups = await readErrors(database.knex, [1], 100);
      assert.deepEqual(
        groups.map((group) => [group.of, group.phase, group.signature, group.count, group.retrying]),
        [
          ['input', 'process', 'exit N', 2, 1],
          ['input', 'verify', 'size', 1, 0],
          ['output', 'publish', 'rejected', 1, 1],
          ['problem', 'transfer', 'file retired', 1, 0],
        ],
      );
    });

    it('gives each group an example with its own reason', async () => {
      const [first] = await readErrors(database.knex, [1], 1);
      assert.equal(first?.example, 'f03');
      assert.equal(first?.reason, 'exit 1');
      assert.equal(first?.nextRetryMs, NOON + 60_000);
    });

    it('has files between two attempts in the group of what they failed of, and says so', async () => {
      const between = database.knex('input_states').whereIn('file_id', [idOf('f06'), idOf('f09')]);
      const trouble = { class: 'transient', signature: 'exit N', reason: 'exit 3', retry_at_ms: NOON };
      await between.clone().update(trouble);
      try {
        const [first] = await readErrors(database.knex, [1], 1);
        const { count, retrying, again, nextRetryMs, example } = first ?? {};
        assert.deepEqual([count, retrying, again, nextRetryMs, example], [4, 1, 2, NOON + 60_000, 'f03']);
      } finally {
        await between.update({ class: null, signature: null, reason: null, retry_at_ms: null });
      }
    });

    it('keeps to the datasets asked for', async () => {
      assert.deepEqual(await readErrors(database.knex, [2], 100), []);
    });
  });

  describe('ledger', () => {
    it('accounts for every event of known inputs that are not retired', async () => {
      const ledger = await readLedger(database.knex, 1);
      assert.deepEqual(ledger.catalog, { files: 9, events: 225 });
      assert.deepEqual(ledger.read, { files: 2, events: 145 });
      assert.equal(ledger.skipped, 3);
      assert.deepEqual(ledger.failed, { files: 3, events: 57 });
      assert.deepEqual(ledger.pending, { files: 4, events: 18 });
      assert.equal(ledger.difference, 2);
      assert.equal(ledger.differing, 1);
      assert.equal(ledger.balanced, false);
    });

    it('names the reasons of skips, and says when one has none', async () => {
      const { skippedBecause } = await readLedger(database.knex, 1);
      assert.deepEqual(skippedBecause, [
        { reason: 'corrupt record', events: 2 },
        { reason: 'no reason on record', events: 1 },
      ]);
    });

    it('keeps retired and uncounted inputs apart', async () => {
      const { retired, uncounted } = await readLedger(database.knex, 1);
      assert.deepEqual(retired, { files: 1, events: 1000 });
      assert.deepEqual(uncounted, { files: 1, events: 0, done: 0, failed: 0, waived: 0 });
    });

    it('names the files behind a difference', async () => {
      const files = await readLedgerFiles(database.knex, 1, 'differing', null);
      assert.deepEqual(
        files.map((file) => [file.name, file.eventCount, file.eventsRead]),
        [['f02', 50, 48]],
      );
    });

    it('lists no more failed files than were asked for', async () => {
      const files = await readLedgerFiles(database.knex, 1, 'failed', 2);
      assert.deepEqual(
        files.map((file) => file.name),
        ['f03', 'f04'],
      );
    });

    it('is balanced when everything was read', async () => {
      const ledger = await readLedger(database.knex, 2);
      assert.equal(ledger.balanced, true);
      assert.equal(ledger.difference, 0);
    });
  });

  describe('history', () => {
    it('tells the moves of a file in order', async () => {
      const moves = await readFileMoves(database.knex, [idOf('f01')], 10);
      assert.deepEqual(
        moves.map((move) => `${move.from} > ${move.to}: ${move.fact}`),
        ['verified > running: job.accepted', 'running > done: job.succeeded'],
      );
    });

    it('keeps the last moves when there are more than asked for', async () => {
      const moves = await readFileMoves(database.knex, [idOf('f01')], 1);
      assert.deepEqual(
        moves.map((move) => move.to),
        ['done'],
      );
    });

    it('tells attempts with their submission and events', async () => {
      const [attempt] = await readAttempts(database.knex, [idOf('f01')], 10);
      assert.equal(attempt?.submission, 'r1-abc-1:2');
      assert.equal(attempt?.eventsRead, 97);
    });

    it('counts the days of the reader, not those of Greenwich', async () => {
      const days = await readDays(database.knex, 1, 'Pacific/Kiritimati', 30);
      assert.deepEqual(
        days.map((line) => [line.day, line.to, line.moves]),
        [
          ['2026-01-03', 'done', 1],
          ['2026-01-03', 'running', 1],
        ],
      );
    });
  });

  describe('why', () => {
    it('counts the files that come first and that nobody works on', async () => {
      const [dataset] = await readDatasets(database.knex);
      assert.ok(dataset);
      const at = { id: idOf('f10'), state: 'verified', phase: 'process' } as const;
      assert.equal(await countAhead(database.knex, dataset, at), 1);
    });

    it('finds the last attempt that did not go well', async () => {
      const failure = await readLastFailure(database.knex, idOf('f03'));
      assert.equal(failure?.reason, 'exit 1');
      assert.equal(failure?.submission, 'r1-abc-1:0');
      assert.equal(await readLastFailure(database.knex, idOf('f01')), undefined);
    });

    it('suggests a name near a mistyped one', async () => {
      await assert.rejects(filesNamed(database.knex, 'f0l', null), (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, /there is no file f0l; did you mean f01\?/);
        return true;
      });
    });

    it('finds a name whose beginning is mistyped', async () => {
      await assert.rejects(filesNamed(database.knex, 'boht', null), /did you mean both\?/);
      await assert.rejects(filesNamed(database.knex, 'g01', null), /did you mean f01\?/);
    });

    it('asks which dataset is meant when several have the name', async () => {
      await assert.rejects(
        filesNamed(database.knex, 'both', null),
        /both is in one, two: say which with --dataset/,
      );
      const [file] = await filesNamed(database.knex, 'both', 'two');
      assert.equal(file.dataset, 'two');
    });
  });

  describe('logs', () => {
    it('finds the last job of a file, and of an output', async () => {
      assert.deepEqual(await findLastJob(database.knex, idOf('f01')), { submission: 'r1-abc-1', index: 2 });
      assert.deepEqual(await findLastJob(database.knex, idOf('o01')), { submission: 'r1-abc-1', index: 2 });
      assert.equal(await findLastJob(database.knex, idOf('f07')), undefined);
    });

    it('finds the jobs that failed last on files', async () => {
      const jobs = await readFailedJobs(database.knex, [idOf('f01'), idOf('f03')]);
      assert.deepEqual(
        jobs.map(({ file, submission, index, jobs: all }) => [file, submission, index, all]),
        [['f03', 'r1-abc-1', 0, 3]],
      );
      assert.deepEqual(await readFailedJobs(database.knex, []), []);
    });

    it('knows the archive a submission is in', async () => {
      const submission = await findSubmission(database.knex, 'r1-abc-1');
      assert.deepEqual(submission?.archive, { store: 'tape', path: 'logs/1.tar', entries: ['job-0.out'] });
      assert.equal(submission?.jobs, 3);
      assert.equal(await findSubmission(database.knex, 'r1-abc-9'), undefined);
    });
  });
});

describe('readTar', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rereco-look-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('reads only the wanted files of one submission', async () => {
    const tar = pack();
    for (const name of ['r1-a-1/job-0.out', 'r1-a-2/job-0.err', 'r1-a-2/job-0.out', 'r1-a-20/job-0.out']) {
      tar.entry({ name }, `text of ${name}`);
    }
    tar.finalize();
    const file = path.join(folder, 'logs.tar');
    await pipeline(tar, createWriteStream(file));

    const texts: string[] = [];
    await readTar(file, 'r1-a-2', new Set(['job-0.out']), async (_name, bytes) => {
      texts.push((await endOf(bytes, 1000)).text);
    });
    assert.deepEqual(texts, ['text of r1-a-2/job-0.out']);
  });

  it('says so when there is no tar', async () => {
    const none = path.join(folder, 'none.tar');
    await assert.rejects(
      readTar(none, 'r1-a-2', new Set(['job-0.out']), async () => undefined),
      { code: 'ENOENT' },
    );
  });
});

describe('printing', () => {
  it('writes a moment to the second, by the local clock', () => {
    assert.equal(localTime(new Date(2026, 0, 2, 3, 4, 5).getTime()), '2026-01-02T03:04:05');
  });

  const spans = [
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_725_000, '1 h 2 min'],
    [97_200_000, '1 d 3 h'],
  ] as const;
  for (const [ms, text] of spans) it(`writes ${ms} ms as ${text}`, () => assert.equal(span(ms), text));

  it('keeps the end of a text that is too long', async () => {
    async function* bytes() {
      yield Buffer.from('abc');
      yield Buffer.from('def');
    }
    assert.deepEqual(await endOf(bytes(), 4), { text: 'cdef', whole: false });
  });
});

type Ids = Map<string, number>;

/** Two datasets: `one` with trouble of every kind, `two` balanced. */
async function fill({ knex }: Database, ids: Ids): Promise<void> {
  await fillDatasets(knex);
  for (const { name, state, events, more } of INPUTS) {
    ids.set(name, await addInput(knex, 1, name, { state, events, ...more }));
  }
  await addInput(knex, 1, 'both', { state: 'pending', events: 0 });
  const both = await addInput(knex, 2, 'both', { state: 'done', events: 12 });
  await addAttempt(knex, 2, both, { state: 'accepted', events_read: 12 });
  await addTries(knex, ids);
  await addHappenings(knex, ids);
}

async function fillDatasets(knex: Knex): Promise<void> {
  await knex('datasets').insert([
    { name: 'one', request_id: 1, generation: 1, source_file: '/one.yaml' },
    { name: 'two', request_id: 2, generation: 1, source_file: '/two.yaml' },
  ]);
  const generation = { number: 1, revision: 'a', digest: 'b', loaded: '{}', applied_ms: NOON };
  await knex('generations').insert([1, 2].map((dataset_id) => ({ dataset_id, ...generation })));
  await knex('submissions').insert({
    id: 1,
    name: 'r1-abc-1',
    dataset_id: 1,
    phase: 'process',
    generation: 1,
    site: 's',
    driver: 'local',
    state: 'closed',
    intended_ms: NOON,
  });
  const job = { submission_id: 1, type: 'reco', status: 'done', since_ms: NOON };
  await knex('submission_jobs').insert([0, 1, 2].map((index) => ({ ...job, index })));
  const archive = { id: 5, dataset_id: 1, store: 'tape', path: 'logs/1.tar', state: 'stored', made_ms: NOON };
  await knex('archives').insert(archive);
  const entries = JSON.stringify(['job-0.out']);
  await knex('archived_submissions').insert({ submission_id: 1, archive_id: 5, entries });
}

async function addInput(
  knex: Knex,
  dataset: number,
  name: string,
  { events, ...state }: { readonly state: string; readonly events: number | null },
): Promise<number> {
  const details = { dataset_id: dataset, kind: 'input', name, data_tier: 'raw', event_count: events };
  const [row] = await knex('file_details')
    .insert({ ...details, created_ms: NOON })
    .returning('id');
  const standing = { file_id: row.id, dataset_id: dataset, since_ms: NOON, machine_version: 1 };
  await knex('input_states').insert({ ...standing, ...state });
  return row.id;
}

async function addAttempt(knex: Knex, dataset: number, file: number, rest: object): Promise<number> {
  const attempt = { file_id: file, dataset_id: dataset, phase: 'process', number: 1, revision: 'a' };
  const [row] = await knex('attempts')
    .insert({ ...attempt, submission_id: 1, job_index: 2, opened_ms: NOON, ...rest })
    .returning('id');
  await knex('input_states').where({ file_id: file }).update({ accepted_attempt: row.id });
  return row.id;
}

async function addTries(knex: Knex, ids: Ids): Promise<void> {
  const [good = 0, short = 0, bad = 0] = ['f01', 'f02', 'f03'].map((name) => ids.get(name));
  const skips = JSON.stringify([{ events: 2, reason: 'corrupt record' }]);
  const read = { state: 'accepted', events_read: 97, events_skipped: 3, skips };
  const made = await addAttempt(knex, 1, good, read);
  await addAttempt(knex, 1, short, { state: 'accepted', events_read: 48 });
  const failed = { state: 'failed', job_index: 0, class: 'transient', reason: 'exit 1', events_read: 30 };
  await addAttempt(knex, 1, bad, failed);

  const details = { dataset_id: 1, kind: 'output', name: 'o01', data_tier: 'dst', output_key: 'dst' };
  const [output] = await knex('file_details')
    .insert({ ...details, parent_id: good, revision: 'a', attempt_id: made, created_ms: NOON })
    .returning('id');
  ids.set('o01', output.id);
  const standing = {
    file_id: output.id,
    dataset_id: 1,
    output_key: 'dst',
    state: 'promoted',
    since_ms: NOON,
  };
  const trouble = { phase: 'publish', class: 'transient', signature: 'rejected', reason: 'rejected' };
  await knex('output_states').insert({ ...standing, ...trouble, retry_at_ms: NOON, machine_version: 1 });
}

async function addHappenings(knex: Knex, ids: Ids): Promise<void> {
  const about = { dataset_id: 1, phase: 'transfer', message: 'retired', since_ms: NOON };
  await knex('problems').insert([
    { ...about, file_id: ids.get('f08'), kind: 'file retired' },
    { ...about, file_id: ids.get('f08'), kind: 'over', cleared_ms: NOON },
  ]);
  await knex('passes').insert({ dataset_id: 1, phase: 'process', holder: 'test', epoch: 1, at_ms: NOON });
  const move = { dataset_id: 1, file_id: ids.get('f01'), because: 'so', at_ms: NOON, pass_id: 1, attempt: 1 };
  await knex('transitions').insert([
    { ...move, from_state: 'verified', to_state: 'running', fact: 'job.accepted' },
    { ...move, from_state: 'running', to_state: 'done', fact: 'job.succeeded' },
  ]);
}
