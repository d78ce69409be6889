import assert from 'node:assert/strict';
import {
  access,
  appendFile,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { ensureServer, findServer, serverStatus, stopServer } from '../../../db/server/embedded.ts';
import { findPlace } from '../../../db/server/place.ts';
import { child, query, runs, type Sandbox, sandbox, soon, until } from './helpers.ts';

async function statusOf({ state }: Sandbox) {
  const status = await serverStatus(state, soon());
  return { ...status, pid: status.pid ?? 0, dataDir: status.dataDir ?? '' };
}

async function killed(box: Sandbox): Promise<number> {
  const { pid } = await statusOf(box);
  process.kill(pid, 'SIGKILL');
  await until(async () => !(await runs(pid)));
  return pid;
}

/** Make a killed server's lock files name a process that lives and has nothing to do with it. */
async function reusePid(box: Sandbox): Promise<void> {
  const { dataDir } = await statusOf(box);
  const path = join(dataDir, 'postmaster.pid');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/^\d+/, String(process.pid)));
}

describe('the embedded server, never made', () => {
  let box: Sandbox;
  before(async () => {
    box = await sandbox();
  });
  after(() => box.clear());

  it('is not found, and looking for it creates nothing', async () => {
    assert.equal(await findServer(box.state, soon()), undefined);
    assert.deepEqual(await serverStatus(box.state, soon()), { state: 'none' });
    assert.equal(await stopServer(box.state, soon()), 'none');
    assert.deepEqual(await readdir(box.root), []);
  });
});

describe('the embedded server', () => {
  let box: Sandbox;
  before(async () => {
    box = await sandbox();
  });
  after(() => box.clear());

  it('is one when two processes start it at once', async () => {
    const both = await Promise.all([child('ensure', box.state), child('ensure', box.state)]);
    const [first, second] = both.map(({ got, error }) => got ?? error);
    assert.deepEqual(first, second);
    assert.equal((await statusOf(box)).state, 'running');
  });

  it('answers in a UTF8 database of its own', async () => {
    const url = await ensureServer(box.state, soon());
    const [row] = await query(url, `SELECT current_database() AS name, getdatabaseencoding() AS encoding`);
    assert.deepEqual(row, { name: 'rereco', encoding: 'UTF8' });
  });

  it('keeps fsync, needs no /dev/shm and no network', async () => {
    const url = await ensureServer(box.state, soon());
    const names = ['fsync', 'dynamic_shared_memory_type', 'listen_addresses'];
    const rows = await Promise.all(
      names.map((name) => query(url, `SELECT current_setting('${name}') AS is`)),
    );
    assert.deepEqual(
      rows.map(([row]) => row?.is),
      ['on', 'mmap', ''],
    );
  });

  it('lets no other user reach its socket', async () => {
    const url = await ensureServer(box.state, soon());
    assert.equal((await stat(url.host)).mode & 0o077, 0);
  });

  it('is adopted by later commands', async () => {
    const { pid } = await statusOf(box);
    const found = await findServer(box.state, soon());
    assert.deepEqual(found, await ensureServer(box.state, soon()));
    assert.equal((await statusOf(box)).pid, pid);
  });

  it('is adopted where its folder was moved under it', async () => {
    const moved = { ...box, state: `${box.state}-moved` };
    const { pid } = await statusOf(box);
    await rename(box.state, moved.state);
    const url = await ensureServer(moved.state, soon());
    assert.equal((await statusOf(moved)).pid, pid);
    assert.equal((await query(url, 'SELECT 1 AS one'))[0]?.one, 1);
    await rename(moved.state, box.state);
  });

  it('stops, and says when there is nothing to stop', async () => {
    assert.equal(await stopServer(box.state, soon()), 'stopped');
    assert.equal(await stopServer(box.state, soon()), 'not running');
    assert.equal((await statusOf(box)).state, 'stopped');
  });

  it('is started by whoever finds it stopped', async () => {
    assert.notEqual(await findServer(box.state, soon()), undefined);
    assert.equal((await statusOf(box)).state, 'running');
  });

  it('refuses a data folder of another major version', async () => {
    await stopServer(box.state, soon());
    const path = join((await statusOf(box)).dataDir, 'PG_VERSION');
    await writeFile(path, '15\n');
    await assert.rejects(ensureServer(box.state, soon()), /was made by PostgreSQL 15.*DATABASE_URL/s);
    await writeFile(path, '18\n');
  });

  it('names its log and quotes its end when it does not come up', async () => {
    const path = join((await statusOf(box)).dataDir, 'postgresql.auto.conf');
    const before = await readFile(path, 'utf8');
    await appendFile(path, "nonsense_setting = 'x'\n");
    await assert.rejects(ensureServer(box.state, soon()), /nonsense_setting.*server\.log.*DATABASE_URL/s);
    await writeFile(path, before);
  });
});

describe('the embedded server, after a kill -9', () => {
  let box: Sandbox;
  before(async () => {
    box = await sandbox();
  });
  after(() => box.clear());

  it('outlives the process that started it', async () => {
    const starter = await child('hold', box.state);
    const { pid } = await statusOf(box);
    starter.process.kill('SIGKILL');
    await until(async () => !(await runs(starter.process.pid ?? 0)));
    assert.equal(await runs(pid), true);
    await ensureServer(box.state, soon());
    assert.equal((await statusOf(box)).pid, pid);
  });

  it('works with the next command and has what was committed', async () => {
    const url = await ensureServer(box.state, soon());
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const pid = await killed(box);
    const again = await ensureServer(box.state, soon());
    assert.notEqual((await statusOf(box)).pid, pid);
    assert.deepEqual(await query(again, 'SELECT answer FROM kept'), [{ answer: 42 }]);
  });

  it('works when two processes find it dead at once', async () => {
    await killed(box);
    const [first, second] = await Promise.all([child('ensure', box.state), child('ensure', box.state)]);
    assert.deepEqual([first.error, second.error], [undefined, undefined]);
    assert.equal((await statusOf(box)).state, 'running');
  });

  it('works while a busy backend of the dead server holds its memory', async () => {
    const url = await ensureServer(box.state, soon());
    // A loop inside one statement does not notice that its postmaster is gone.
    const busy = query(url, `SELECT count(*) FROM generate_series(1, 20000000000)`).catch(() => 'cut');
    const isBusy = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%generate_series(1, 2%' AND pid <> pg_backend_pid()`;
    await until(async () => (await query(url, isBusy))[0]?.n === 1);
    await killed(box);
    await ensureServer(box.state, soon());
    assert.equal(await busy, 'cut');
  });

  it('works when its process id has gone to somebody else', async () => {
    await killed(box);
    await reusePid(box);
    assert.equal((await statusOf(box)).state, 'stopped');
    await ensureServer(box.state, soon());
    assert.equal((await statusOf(box)).state, 'running');
  });

  it('stops nobody else who has its process id', async () => {
    await killed(box);
    await reusePid(box);
    assert.equal(await stopServer(box.state, soon()), 'not running');
  });

  it('works when the start before was killed under the lock and within initdb', async () => {
    const place = await findPlace(box.state);
    const lock = { token: 'dead', pid: 4_194_304, start: '1', space: '' };
    const space = await readlink('/proc/self/ns/pid').catch(() => '');
    await writeFile(place?.lock ?? '', JSON.stringify({ ...lock, space }));
    const partial = join(place?.home ?? '', 'data.tmp-of-the-dead');
    await mkdir(partial);
    await ensureServer(box.state, soon());
    await assert.rejects(access(partial), { code: 'ENOENT' });
  });
});
