/** Disks that are full: the mass store has no room for a raw file, the next one none for an output. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { assertBalanced, assertEnded, hashesOf, namesBelow, until } from '../campaign/questions.ts';
import { assertTold, inError, letTimePass } from '../campaign/troubles.ts';
import { aCampaign, DATASET, type Running, SITE, type World } from '../campaign/world.ts';

const run = promisify(execFile);

/** Raw files of 36 kB and TMBs of 21 kB: two of the one and one of the other fit. */
const FILES = 3;
const EVENTS = 2000;
const DISKS = { hpss: '96k', tmb: '36k' };

/** DSTs and logs have room elsewhere; what failed is not tried again until a test lets time pass. */
const SPEC = DATASET.replace(
  'name: "reco_{stem}_{version}", store: hpss',
  'name: "reco_{stem}_{version}", store: far',
)
  .replace('archive: {store: hpss', 'archive: {store: far')
  .replace(
    'process: {attempts: 5, first: 1s, longest: 2s}',
    'process: {attempts: 5, first: 10m, longest: 10m}',
  );

/** Mount a small disk; false where this system lets nobody. */
async function mount(folder: string, options: string): Promise<boolean> {
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options, 'none', folder]);
    return true;
  } catch {
    return false;
  }
}

describe('a campaign whose disks are full', function () {
  this.timeout(600_000);
  let world: World;
  let running: Running | undefined;
  let sources: ReadonlyMap<string, string>;
  let errors: string;
  const failedIn = async (phase: string) => {
    const rows = await world.rows<{ name: string }>(
      `SELECT d.name FROM input_states s JOIN file_details d ON d.id = s.file_id
       WHERE s.state = 'error' AND s.phase = '${phase}'`,
    );
    return rows.map((row) => row.name);
  };
  before(async function () {
    world = await aCampaign(FILES, EVENTS, 'shared');
    for (const [store, size] of Object.entries(DISKS)) {
      if (await mount(world.at(store), `size=${size}`)) continue;
      console.log('      skipped: this system lets nobody mount a small disk');
      this.skip();
    }
    await world.write('campaign.yaml', `${SITE}---\n${SPEC}`);
    sources = hashesOf(world.at('fnal'));
    running = world.start('reconcile', '--until', 'settled');
    await until(180, async () => (await inError(world)).size === 2);
    errors = (await world.rereco('errors')).out;
  });
  after(async () => {
    running?.kill('SIGKILL');
    await running?.ended;
    for (const store of Object.keys(DISKS)) await run('umount', ['-l', world.at(store)]).catch(() => {});
    await world.close();
  });

  it('calls a mass store without room an outage, and tells of it', async () => {
    const [name = ''] = await failedIn('transfer');
    assert.equal((await inError(world)).get(name), 'outage');
    await assertTold(world, errors, name, /no space left on device/);
  });

  it('tells of an output that found no room', async () => {
    const [name = ''] = await failedIn('process');
    await assertTold(world, errors, name, /an output did not reach its store/);
  });

  it('gives no half of a file a final name', async () => {
    assert.equal((await namesBelow(world, 'hpss/raw')).length, 2);
    assert.equal((await namesBelow(world, 'tmb')).length, 1);
  });

  it('settles by itself once there is room', async () => {
    for (const store of Object.keys(DISKS)) await run('mount', ['-o', 'remount,size=2M', world.at(store)]);
    await letTimePass(world);
    assertEnded((await running?.ended) ?? assert.fail('it does not run'), 0);
    await assertBalanced(world, 'p17', FILES * EVENTS);
  });

  it('leaves the sources as they were', () => assert.deepEqual(hashesOf(world.at('fnal')), sources));
});
