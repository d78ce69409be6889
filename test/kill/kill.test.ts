/** Killing everything that can be killed, at moments nobody chose, while a campaign runs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { assertNothingLeft } from '../campaign/leftovers.ts';
import { aLesHouchesCampaign, LES_HOUCHES_RECO } from '../campaign/les-houches.ts';
import {
  assertBalanced,
  assertEnded,
  hashesOf,
  namesBelow,
  statesOfTier,
  until,
} from '../campaign/questions.ts';
import { realFiles } from '../campaign/real-data.ts';
import { aCampaign, RECO, type Running, type World } from '../campaign/world.ts';

const run = promisify(execFile);

/** The files a campaign is killed with: real ones where there are any. */
interface Cast {
  readonly what: string;
  readonly dataset: string;
  readonly files: number;
  readonly events: number;
  readonly reco: string;
  open(): Promise<World>;
}

const REAL = realFiles('lhe');
const CAST: Cast = REAL
  ? {
      what: 'Les Houches files',
      dataset: 'lhe',
      files: REAL.length,
      events: REAL.reduce((sum, file) => sum + file.events, 0),
      reco: LES_HOUCHES_RECO,
      open: () => aLesHouchesCampaign('own'),
    }
  : {
      what: 'generated files',
      dataset: 'p17',
      files: 12,
      events: 12 * 50,
      reco: RECO,
      open: () => aCampaign(12, 50),
    };

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

/** A reconstruction that takes a while, and leaves the names of its submission and its input. */
function slowReco(world: World): string {
  const noted = `echo "$RERECO_SUBMISSION $(basename "$1")" >>'${world.at('ran.txt')}'\nsleep 0.5\n`;
  return CAST.reco.replace(/^set -eu?\n/m, (set) => `${set}${noted}`);
}

/** How often a program has come to write, by the database. */
async function writings(world: World): Promise<{ readonly passes: number; readonly programs: number }> {
  const [row] = await world.rows<{ passes: number; programs: number }>(
    'SELECT count(*)::int AS passes, count(DISTINCT holder)::int AS programs FROM passes',
  );
  return row ?? { passes: 0, programs: 0 };
}

/** Wait until a program writes, or has ended: moments around a commit are those that hurt. */
async function untilItWrites(world: World, running: Running, before: number): Promise<void> {
  let ended = false;
  void running.ended.then(() => {
    ended = true;
  });
  await until(180, async () => ended || (await writings(world)).passes > before);
}

/** What must hold at the end, whatever was killed on the way. */
async function assertSound(world: World, sources: ReadonlyMap<string, string>): Promise<void> {
  assert.deepEqual(await statesOfTier(world, 'raw'), ['copied']);
  await assertBalanced(world, CAST.dataset, CAST.events);
  await assertOnce(world);

  assert.deepEqual(hashesOf(world.at('fnal')), sources);
  assert.deepEqual(hashesOf(world.at('hpss/raw')), sources);
  const far = (await namesBelow(world, 'far')).filter((name) => !name.endsWith('.json'));
  assert.equal(far.length, CAST.files);
  await assertNothingLeft(world);
  await assertArchivedOnce(world);
}

/** The logs of every submission are in one tar. */
async function assertArchivedOnce(world: World): Promise<void> {
  const tars = (await namesBelow(world, 'hpss')).filter((name) => name.endsWith('.tar'));
  const lists = await Promise.all(
    tars.map(async (tar) => (await run('tar', ['tf', world.at('hpss', tar)])).stdout.trim().split('\n')),
  );
  const names = lists.flat();
  assert.equal(new Set(names).size, names.length);
  const [on] = await world.rows<{ record: string }>(
    "SELECT count(*) AS record FROM archives WHERE state = 'stored'",
  );
  assert.equal(Number(on?.record), tars.length);
}

/** Nothing was submitted twice, accepted twice, or left in motion. */
async function assertOnce(world: World): Promise<void> {
  const accepted = await world.rows<{ outputs: string }>(
    'SELECT count(*) AS outputs FROM accepted_outputs GROUP BY input_id, revision',
  );
  assert.deepEqual(
    accepted,
    Array.from({ length: CAST.files }, () => ({ outputs: '2' })),
  );
  const attempts = await world.rows<{ accepted: string }>(
    "SELECT count(*) AS accepted FROM attempts WHERE phase = 'process' AND state = 'accepted' GROUP BY file_id",
  );
  assert.deepEqual(
    attempts,
    Array.from({ length: CAST.files }, () => ({ accepted: '1' })),
  );
  assert.deepEqual(await world.rows('SELECT * FROM live_attempts'), []);
  // Every run of a command leaves its names; an attempt that was submitted twice would stand here twice.
  const ran = readFileSync(world.at('ran.txt'), 'utf8').trim().split('\n');
  assert.equal(new Set(ran).size, ran.length);
}

describe(`a campaign on ${CAST.what} under kill -9`, function () {
  this.timeout(300_000);
  let world: World;
  let sources: ReadonlyMap<string, string>;
  beforeEach(async () => {
    world = await CAST.open();
    await world.write('reco.sh', slowReco(world), 0o755);
    sources = hashesOf(world.at('fnal'));
  });
  afterEach(() => world.close());

  it('converges after the reconciler was killed twenty times', async () => {
    const random = randomFrom(4711);
    await world.rereco('db', 'migrate');
    for (let kills = 0; kills < 20; kills += 1) {
      const { passes } = await writings(world);
      const running = world.start('reconcile', '--until', 'settled');
      // Every other one is killed soon after its first commit, the others at any time.
      if (kills % 2 === 0) await untilItWrites(world, running, passes);
      else await sleep(500);
      await sleep(random() * 500);
      running.kill('SIGKILL');
      await running.ended;
    }
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertSound(world, sources);

    const { programs } = await writings(world);
    assert.ok(programs > 5, `only ${programs} of them came to write anything`);
  });

  it('converges after the database server was killed five times', async () => {
    const random = randomFrom(17);
    let running = world.start('reconcile', '--until', 'settled');
    for (let kills = 0; kills < 5; kills += 1) {
      await sleep(700 + random() * 700);
      const status = (await world.json('db', 'status')) as { readonly pid?: number };
      if (status.pid !== undefined) process.kill(status.pid, 'SIGKILL');
      await running.ended;
      running = world.start('reconcile', '--until', 'settled');
    }
    await running.ended;
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertSound(world, sources);
  });
});
