/** Backup and restore by the built program, in the middle of a campaign. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findServer } from '../../db/server/embedded.ts';
import { inOneLine } from '../campaign/troubles.ts';
import { aCampaign, PROGRAM, RECO, type World } from '../campaign/world.ts';

const FILES = 6;

interface FileLine {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
}

const files = async (world: World) => (await world.json('get', 'files')) as readonly FileLine[];

async function connect(world: World): Promise<pg.Client> {
  const client = new pg.Client({ ...(await findServer(world.at('.rereco'), AbortSignal.timeout(300_000))) });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function rows(world: World, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = await connect(world);
  try {
    await client.query('SET search_path TO rereco');
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Run rounds until a file of each of these states is there. */
async function roundsUntil(world: World, state: string): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    await world.rereco('reconcile');
    if ((await files(world)).some((file) => file.state === state)) return;
  }
  assert.fail(`no file became ${state}`);
}

/** Names that are not of the campaign: what a backup that did not end well would leave. */
async function leftovers(world: World): Promise<readonly string[]> {
  return (await readdir(world.folder)).filter((name) => name.startsWith('.rereco-tmp-'));
}

describe('a backup of a campaign', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aCampaign(FILES);
    await world.write('reco.sh', RECO.replace('set -e\n', 'set -e\nsleep 0.3\n'), 0o755);
  });
  afterEach(() => world.close());

  it('takes a campaign back to its middle, from where it comes to its end again', async () => {
    await roundsUntil(world, 'running');
    const made = (await world.json('db', 'backup', 'half.tar')) as {
      readonly tables: number;
      readonly rows: number;
    };
    assert.ok(made.tables > 20 && made.rows > 50);
    const middle = await files(world);
    const ended = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(ended.code, 0, ended.out + ended.err);

    const restored = await world.rereco('db', 'restore', 'half.tar', '--replace');
    assert.equal(restored.code, 0, restored.err);
    assert.match(
      restored.out,
      /kept in schema rereco_before_[\s\S]*kept in schema rereco_catalog_before_[\s\S]*db adopt/,
    );
    assert.deepEqual(await files(world), middle);
    const refused = await world.rereco('reconcile', '--until', 'settled');
    assert.notEqual(refused.code, 0);
    assert.match(refused.err, /a backup was restored\? Then: `rereco db adopt`/);
    assert.deepEqual(await files(world), middle);
    const [file] = middle;
    for (const args of [['status'], ['errors'], ['why', file?.name ?? '']]) {
      const looked = inOneLine((await world.rereco(...args)).out);
      assert.match(looked, /was written by a later state of this database .* `rereco db adopt`/, args[0]);
    }

    assert.equal((await world.rereco('db', 'adopt')).code, 0);
    assert.equal((await world.rereco('errors')).out, 'no errors\n');
    const again = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(again.code, 0, again.out + again.err);
    assert.match((await world.rereco('ledger', 'p17')).out, /p17: balanced/);
    const inputs = (await files(world)).filter(({ kind }) => kind === 'input');
    assert.deepEqual([...new Set(inputs.map(({ state }) => state))], ['copied']);
    const accepted = await rows(
      world,
      'SELECT output_key, count(*)::int, count(DISTINCT input_id)::int AS inputs FROM accepted_outputs GROUP BY 1 ORDER BY 1',
    );
    assert.deepEqual(
      accepted.map(({ output_key, count, inputs }) => [output_key, count, inputs]),
      [
        ['dst', FILES, FILES],
        ['tmb', FILES, FILES],
      ],
    );
    assert.deepEqual(await rows(world, 'SELECT * FROM live_attempts'), []);
  });

  it('goes into a database that is not there yet', async () => {
    await roundsUntil(world, 'done');
    await world.rereco('db', 'backup', 'half.tar');
    const before = await files(world);
    const elsewhere = await aCampaign(0);
    try {
      await writeFile(elsewhere.at('half.tar'), await readFile(world.at('half.tar')));
      const restored = await elsewhere.rereco('db', 'restore', 'half.tar');
      assert.equal(restored.code, 0, restored.err);
      assert.doesNotMatch(restored.out, /kept in/);
      assert.deepEqual(await files(elsewhere), before);
    } finally {
      await elsewhere.close();
    }
  });

  it('leaves everything as it was when the restore is killed in the middle', async () => {
    await roundsUntil(world, 'transferred');
    await world.rereco('db', 'backup', 'half.tar');
    await world.rereco('reconcile', '--until', 'settled');
    const before = await files(world);
    const blocker = await connect(world);
    try {
      // The restore has put the old schema aside, and waits here to make the catalog's.
      await blocker.query("SELECT pg_advisory_lock(hashtext('rereco catalog'), hashtext('rereco_catalog'))");
      for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
        const restore = start(world, 'db', 'restore', 'half.tar', '--replace');
        await waitFor(blocker, 1);
        restore.kill(signal);
        assert.equal(await restore.ended, signal === 'SIGTERM' ? 3 : null);
        await waitFor(blocker, 0);
        assert.deepEqual(await files(world), before);
      }
      const kept = await blocker.query("SELECT FROM pg_namespace WHERE nspname ~ '_before_'");
      assert.equal(kept.rows.length, 0);
    } finally {
      await blocker.end();
    }
    assert.equal((await world.rereco('db', 'restore', 'half.tar', '--replace')).code, 0);
  });

  it('leaves no file when it is stopped, and the older one as it was', async () => {
    await roundsUntil(world, 'transferred');
    await world.write('old.tar', 'an older one');
    const blocker = await connect(world);
    try {
      await blocker.query('BEGIN; LOCK TABLE rereco.transitions IN ACCESS EXCLUSIVE MODE');
      const backup = start(world, 'db', 'backup', 'old.tar', '--force');
      await waitFor(blocker, 1);
      backup.kill('SIGTERM');
      assert.equal(await backup.ended, 3);
    } finally {
      await blocker.end();
    }
    assert.deepEqual(await leftovers(world), []);
    assert.equal(await world.read('old.tar'), 'an older one');
  });

  it('refuses what cannot be, with exit code 2, and leaves everything as it was', async () => {
    const none = await world.rereco('db', 'backup', 'none.tar');
    assert.deepEqual(
      [none.code, /there is no database in .*, so there is nothing to back up/.test(none.err)],
      [2, true],
      none.err,
    );
    await roundsUntil(world, 'transferred');
    await world.rereco('db', 'backup', 'good.tar');
    await mkdir(world.at('folder'));
    const good = await readFile(world.at('good.tar'));
    await writeFile(world.at('cut.tar'), good);
    await truncate(world.at('cut.tar'), good.length / 2);
    const flipped = Buffer.from(good);
    const at = flipped.indexOf('\tinput\t') + 8;
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    await writeFile(world.at('flipped.tar'), flipped);
    const before = [await files(world), (await readdir(world.folder)).toSorted()];

    for (const [args, words] of [
      [['backup'], /name the file to write/],
      [['backup', 'folder'], /is a folder/],
      [['backup', 'good.tar'], /is there already: .* --force/],
      [['backup', 'no/such/folder.tar'], /no such folder/],
      [['restore'], /name the file to restore/],
      [['restore', 'folder'], /is a folder/],
      [['restore', 'missing.tar'], /no such file/],
      [['restore', 'cut.tar', '--replace'], /cut short/],
      [
        ['restore', 'flipped.tar', '--replace'],
        /damaged: campaign\/file_details is not what its checksum says/,
      ],
      [['restore', 'campaign.yaml', '--replace'], /is not a backup/],
      [['restore', 'good.tar'], /campaign on record already \(p17\)/],
      [['stop', 'good.tar'], /takes no file/],
      [['adopt', '--force'], /has no --force/],
    ] as const) {
      const { code, out, err } = await world.rereco('db', ...args);
      assert.deepEqual([code, out], [2, ''], args.join(' ') + err);
      assert.match(err, words);
    }
    assert.deepEqual([await files(world), (await readdir(world.folder)).toSorted()], before);
    assert.deepEqual(await readFile(world.at('good.tar')), good);
    await rm(world.at('folder'), { recursive: true });
  });
});

/** Poll until so many restores or backups wait for a lock. */
async function waitFor(client: pg.Client, count: number): Promise<void> {
  const giveUp = Date.now() + 180_000;
  for (;;) {
    const { rows: waiting } = await client.query(
      'SELECT FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()',
    );
    if (waiting.length === count) return;
    assert.ok(Date.now() < giveUp, `${waiting.length} wait for a lock, not ${count}`);
    await sleep(50);
  }
}

function start(world: World, ...args: readonly string[]) {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: world.folder,
    env: { ...env, RERECO_STATE: world.at('.rereco') },
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended };
}
