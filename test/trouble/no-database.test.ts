/** Commands in a place without records: they say where they looked and what to do, and make nothing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assertEnded } from '../campaign/questions.ts';
import { aWorld, PROGRAM, type World } from '../campaign/world.ts';

/** Every command that needs records, with what it needs beside. */
const NEEDY: readonly (readonly string[])[] = [
  ['status'],
  ['status', '-o', 'json'],
  ['get', 'files'],
  ['why', 'x.raw'],
  ['history', 'x.raw'],
  ['errors'],
  ['ledger', 'p17'],
  ['logs', 'x.raw'],
  ['clean', 'x.raw', '--yes'],
  ['resubmit', '--dataset', 'p17', '--yes'],
  ['settle', 'r1-abc-1', 'lost', '--because', 'so'],
  ['dataset', 'rename', 'p17', 'p18'],
  ['db', 'adopt'],
  ['db', 'psql'],
  ['db', 'backup', 'x.tar'],
];

describe('a folder without a database', function () {
  this.timeout(600_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rereco-nothing-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  function rereco(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { DATABASE_URL: _url, RERECO_STATE: _state, ...rest } = process.env;
    const ran = spawnSync(process.execPath, [PROGRAM, ...args], {
      cwd: folder,
      env: { ...rest, ...env },
      encoding: 'utf8',
    });
    return { code: ran.status ?? 1, signal: null, out: ran.stdout, err: ran.stderr };
  }

  for (const args of NEEDY) {
    it(`is named by rereco ${args.join(' ')}`, () => {
      const ran = rereco(args);
      assertEnded(ran, 2);
      assert.equal(ran.out, '');
      assert.ok(ran.err.startsWith(`rereco: there is no database here: neither ${folder} nor`), ran.err);
    });
  }

  it('is told from one that RERECO_STATE names', () => {
    const ran = rereco(['status'], { RERECO_STATE: path.join(folder, 'elsewhere') });
    assertEnded(ran, 2);
    assert.match(ran.err, /^rereco: there is no database in \S+\/elsewhere, which RERECO_STATE names; go to/);
  });

  it('has a status of the database, which says what to do', () => {
    const ran = rereco(['db', 'status']);
    assertEnded(ran, 0);
    assert.match(ran.out, /there is no database here.*\n.*a new campaign begins with a spec/);
    assert.deepEqual(JSON.parse(rereco(['db', 'status', '-ojson']).out), { state: 'none' });
  });

  const urls: readonly (readonly [url: string, code: number, said: RegExp])[] = [
    ['foo', 2, /^rereco: DATABASE_URL=foo is no address of a PostgreSQL; write postgres:/],
    ['http://a:secret@b/c', 2, /^rereco: DATABASE_URL=http:\/\/a@b\/c is no address/],
    ['postgres://a@b:99999/c', 2, /cannot be read as an address of a PostgreSQL/],
    [
      'postgres://a:secret@127.0.0.1:1/c',
      1,
      /^rereco: no answer from .*\(postgres:\/\/a@127\.0\.0\.1:1\/c\)/,
    ],
    ['postgres:///c?host=/nosuch', 1, /^rereco: no answer from the server of DATABASE_URL/],
  ];
  for (const [url, code, said] of urls) {
    it(`says what is wrong with DATABASE_URL=${url}, in a sentence`, () => {
      for (const args of [['status'], ['db', 'migrate'], ['reconcile', '--dry-run']]) {
        const ran = rereco(args, { DATABASE_URL: url });
        assertEnded(ran, code);
        const sentences = ran.err.split('\n').filter((line) => line.startsWith('rereco:'));
        assert.equal(sentences.length, 1, ran.err);
        assert.match(sentences[0] ?? '', said);
        assert.doesNotMatch(ran.err, /secret|\n {4}at /);
      }
    });
  }

  it('is as empty as before', () => {
    assert.equal(existsSync(path.join(folder, '.rereco')), false);
    assert.equal(existsSync(path.join(folder, 'x.tar')), false);
  });
});

describe('a database of a server of one’s own', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await aWorld('shared');
  });
  after(() => world.close());

  it('without our tables is told from one without datasets', async () => {
    const bare = await world.rereco('status');
    assertEnded(bare, 2);
    assert.match(bare.err, /has no schema rereco yet; `rereco db migrate` makes it/);
    assert.match((await world.rereco('db', 'status')).out, /schema +rereco, not there yet/);
    assertEnded(await world.rereco('db', 'migrate'), 0);
    const empty = await world.rereco('status');
    assertEnded(empty, 0);
    assert.match(empty.out, /^no dataset yet: write a spec/);
  });

  it('of an older rereco is not read, and the command that migrates it is named', async () => {
    const [last] = await world.rows<{ name: string }>(
      'DELETE FROM knex_migrations WHERE id = (SELECT max(id) FROM knex_migrations) RETURNING name',
    );
    for (const args of [['status'], ['get', 'files'], ['reconcile', '--dry-run']]) {
      const ran = await world.rereco(...args);
      assertEnded(ran, 2);
      assert.match(
        ran.err,
        /is of an older rereco \(schema rereco\); `rereco db migrate` brings it up to date/,
      );
    }
    assert.match((await world.rereco('db', 'status')).out, /of an older rereco: `rereco db migrate`/);
    await world.rows(
      `INSERT INTO knex_migrations (name, batch, migration_time) VALUES ('${last?.name}', 1, now())`,
    );
    assertEnded(await world.rereco('status'), 0);
  });

  it('is named without its password where it does not let the user in', async () => {
    const { host, port } = world.connection ?? {};
    const env = { ...process.env, DATABASE_URL: `postgres://u:secret@/nosuch?host=${host}&port=${port}` };
    const ran = spawnSync(process.execPath, [PROGRAM, 'status'], { env, encoding: 'utf8' });
    assert.equal(ran.status, 2, ran.stderr);
    assert.match(ran.stderr, /^rereco: the server of DATABASE_URL \(postgres:\/\/u@\/nosuch\S*\) refuses: /);
    assert.doesNotMatch(ran.stderr, /secret|\n {4}at /);
  });
});
