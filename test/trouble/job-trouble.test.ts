/** Jobs that end badly: found, told of, and handled as their class says. */
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { assertBalanced, assertEnded, ledgerOf, until } from '../campaign/questions.ts';
import {
  assertTold,
  give,
  giveForGood,
  inError,
  inOneLine,
  letTimePass,
  processesOf,
  troubledReco,
} from '../campaign/troubles.ts';
import { aCampaign, DATASET, type Running, SITE, type World } from '../campaign/world.ts';

const KILLED = 'all_0000176852_001.raw';
const GROUP_KILLED = 'all_0000176853_002.raw';
const ALL_KILLED = 'all_0000176852_003.raw';
const SHORT = 'all_0000176853_004.raw';

/** The waits are long, so that who looks finds files in error; a test lets them pass. */
const PATIENT = DATASET.replace(
  'process: {attempts: 5, first: 1s',
  'process: {attempts: 3, first: 10m',
).replace('longest: 2s}\n    publish', 'longest: 10m}\n    publish');

/** The submission whose command hangs on an input. */
async function hangingOn(world: World, name: string): Promise<string> {
  const file = world.at('troubles', `${name}.hangs`);
  let submission = '';
  await until(180, async () => {
    submission = (await readFile(file, 'utf8').catch(() => '')).trim();
    return submission !== '';
  });
  return submission;
}

describe('a campaign whose jobs end badly', function () {
  this.timeout(600_000);
  let world: World;
  let running: Running;
  let errors: string;
  before(async () => {
    world = await aCampaign(5, 10, 'shared');
    await world.write(
      'campaign.yaml',
      `${SITE.replace('options: {}', 'options: {slots: 5}')}---\n${PATIENT}`,
    );
    await world.write('reco.sh', troubledReco(world), 0o755);
    await give(world, KILLED, 'killed');
    await give(world, GROUP_KILLED, 'hangs');
    await give(world, ALL_KILLED, 'hangs');
    await give(world, SHORT, 'short');
    running = world.start('reconcile', '--until', 'settled');

    const group = await processesOf(world, await hangingOn(world, GROUP_KILLED));
    process.kill(-group.leader, 'SIGKILL');
    const all = await processesOf(world, await hangingOn(world, ALL_KILLED));
    process.kill(all.supervisor, 'SIGKILL');
    process.kill(-all.leader, 'SIGKILL');
    await until(180, async () => (await inError(world)).size === 4);
    errors = (await world.rereco('errors')).out;
  });
  after(() => world.close());

  it('tells them apart by class', async () => {
    assert.deepEqual(
      [...(await inError(world))],
      [
        [KILLED, 'unknown'],
        [ALL_KILLED, 'site'],
        [GROUP_KILLED, 'transient'],
        [SHORT, 'unknown'],
      ],
    );
  });

  it('tells of a command that was killed', () => assertTold(world, errors, KILLED, /exit 137/));

  it('tells of a whole process group that was killed', () =>
    assertTold(world, errors, GROUP_KILLED, /ended by SIGKILL/));

  it('tells of a job whose supervisor was killed with it', () =>
    assertTold(world, errors, ALL_KILLED, /supervisor lost/));

  it('tells of an event that was not written', () =>
    assertTold(world, errors, SHORT, /9 events written, 10 read/));

  it('burns no retry where only the node was at fault', async () => {
    const rows = await world.rows<{ used: number; site: number }>(
      `SELECT s.retries_used AS used, s.site_retries AS site FROM input_states s
       JOIN file_details d ON d.id = s.file_id WHERE d.name = '${ALL_KILLED}'`,
    );
    assert.deepEqual(rows, [{ used: 0, site: 1 }]);
  });

  it('tries each of them again by itself, and settles with every event read', async () => {
    await letTimePass(world);
    assertEnded(await running.ended, 0);
    await assertBalanced(world, 'p17', 50);
  });

  it('has one accepted output of each kind for each input', async () => {
    const rows = await world.rows<{ outputs: string }>(
      'SELECT count(*) AS outputs FROM accepted_outputs GROUP BY input_id, revision',
    );
    assert.deepEqual(
      rows.map((row) => row.outputs),
      ['2', '2', '2', '2', '2'],
    );
  });
});

describe('a campaign whose jobs leave events out', function () {
  this.timeout(600_000);
  const READ_ALL = 'all_0000176852_001.raw';
  const BLIND = 'all_0000176853_002.raw';
  const WRITES_LESS = 'all_0000176852_003.raw';
  let world: World;
  before(async () => {
    world = await aCampaign(3, 10, 'shared');
    await world.write(
      'campaign.yaml',
      `${SITE}---\n${DATASET.replace('process: {attempts: 5', 'process: {attempts: 2')}`,
    );
    await world.write('reco.sh', troubledReco(world), 0o755);
    await giveForGood(world, BLIND, 'blind');
    await giveForGood(world, WRITES_LESS, 'short');
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
  });
  after(() => world.close());

  it('accepts nothing of them', async () => {
    const rows = await world.rows<{ name: string }>(
      'SELECT DISTINCT d.name FROM accepted_outputs o JOIN file_details d ON d.id = o.input_id',
    );
    assert.deepEqual(rows, [{ name: READ_ALL }]);
  });

  it('asks for a person at once where events were not read, and after the last attempt where they were not written', async () => {
    const rows = await world.rows<{ name: string; class: string; attempts: string }>(
      `SELECT d.name, s.class, (SELECT count(*) FROM attempts a WHERE a.file_id = d.id AND a.phase = 'process') AS attempts
       FROM input_states s JOIN file_details d ON d.id = s.file_id
       WHERE s.state = 'error' AND s.retry_at_ms IS NULL ORDER BY 1`,
    );
    assert.deepEqual(rows, [
      { name: WRITES_LESS, class: 'unknown', attempts: '2' },
      { name: BLIND, class: 'data', attempts: '1' },
    ]);
  });

  it('tells of both', async () => {
    const errors = (await world.rereco('errors')).out;
    await assertTold(world, errors, BLIND, /the job read 9 events, the catalog says 10/);
    await assertTold(world, errors, WRITES_LESS, /9 events written, 10 read/);
    assert.match(inOneLine(errors), /waits for a person/);
  });

  it('has their events among the failed ones of the ledger', async () => {
    const { read, failed, balanced } = await ledgerOf(world, 'p17');
    assert.deepEqual([read.events, failed, balanced], [10, { files: 2, events: 20 }, false]);
  });

  it('settles once the reconstruction is put right and the files are cleaned', async () => {
    await rm(world.at('troubles'), { recursive: true });
    assertEnded(await world.rereco('clean', '--dataset', 'p17', '--yes'), 0);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'p17', 30);
  });
});
