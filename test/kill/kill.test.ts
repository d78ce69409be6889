/** Killing everything that can be killed, at moments nobody chose, while a campaign runs. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findServer } from '../../db/server/embedded.ts';
import { aCampaign, PROGRAM, RECO, type World } from '../campaign/world.ts';

const FILES = 12;
const EVENTS = 50;

/** Numbers that look random and are the same in every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Running {
  kill(): void;
  readonly ended: Promise<number | null>;
}

function start(world: World): Running {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [PROGRAM, 'reconcile', '--until', 'settled'], {
    cwd: world.folder,
    env: { ...env, RERECO_STATE: world.at('.rereco') },
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { kill: () => child.kill('SIGKILL'), ended };
}

async function rows<R extends pg.QueryResultRow>(world: World, sql: string): Promise<readonly R[]> {
  const server = await findServer(world.at('.rereco'), AbortSignal.timeout(60_000));
  const client = new pg.Client({ ...server });
  await client.connect();
  try {
    await client.query('SET search_path TO rereco');
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

function hashes(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.raw'));
  return new Map(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(`${folder}/${name}`))
        .digest('hex'),
    ]),
  );
}

/** What must hold at the end, whatever was killed on the way. */
async function assertSound(world: World, sources: ReadonlyMap<string, string>): Promise<void> {
  const states = await rows<{ state: string; files: string }>(
    world,
    'SELECT state, count(*) AS files FROM input_states GROUP BY state',
  );
  assert.deepEqual(states, [{ state: 'copied', files: String(FILES) }]);

  const accepted = await rows<{ outputs: string }>(
    world,
    'SELECT count(*) AS outputs FROM accepted_outputs GROUP BY input_id, revision',
  );
  assert.deepEqual(
    accepted,
    Array.from({ length: FILES }, () => ({ outputs: '2' })),
  );
  assert.deepEqual(await rows(world, 'SELECT * FROM live_attempts'), []);

  const [events] = await rows<{ read: string; catalog: string }>(
    world,
    `SELECT sum(a.events_read) AS read, sum(d.event_count) AS catalog FROM input_states s
     JOIN attempts a ON a.id = s.accepted_attempt JOIN file_details d ON d.id = s.file_id`,
  );
  assert.deepEqual(events, { read: String(FILES * EVENTS), catalog: String(FILES * EVENTS) });
  assert.deepEqual(hashes(world.at('fnal')), sources);

  const far = readdirSync(world.at('far')).filter(
    (name) => name.startsWith('recoT_') && !name.endsWith('.json'),
  );
  assert.equal(far.length, FILES);
  // Every run of a job leaves its name; a name that ran twice would stand here twice.
  const ran = readFileSync(world.at('ran.txt'), 'utf8').trim().split('\n');
  assert.equal(new Set(ran).size, ran.length);
}

/** A reconstruction that takes a while, and leaves its submission's name. */
function slowReco(world: World): string {
  return RECO.replace(
    'set -e\n',
    `set -e\necho "$RERECO_SUBMISSION" >> '${world.at('ran.txt')}'\nsleep 0.7\n`,
  );
}

describe('a campaign under kill -9', function () {
  this.timeout(300_000);
  let world: World;
  let sources: ReadonlyMap<string, string>;
  beforeEach(async () => {
    world = await aCampaign(FILES, EVENTS);
    await world.write('reco.sh', slowReco(world), 0o755);
    sources = hashes(world.at('fnal'));
  });
  afterEach(() => world.close());

  it('converges after the reconciler was killed twenty times', async () => {
    const random = randomFrom(4711);
    for (let kills = 0; kills < 20; kills += 1) {
      const running = start(world);
      await sleep(250 + random() * 700);
      running.kill();
      await running.ended;
    }
    const last = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(last.code, 0, last.out + last.err);
    await assertSound(world, sources);
  });

  it('converges after the database server was killed five times', async () => {
    const random = randomFrom(17);
    let running = start(world);
    for (let kills = 0; kills < 5; kills += 1) {
      await sleep(700 + random() * 700);
      const status = (await world.json('db', 'status')) as { readonly pid?: number };
      if (status.pid !== undefined) process.kill(status.pid, 'SIGKILL');
      await running.ended;
      running = start(world);
    }
    await running.ended;
    const last = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(last.code, 0, last.out + last.err);
    await assertSound(world, sources);
  });
});
