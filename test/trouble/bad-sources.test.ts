/** Raw files that cannot be brought, because the source does not have them as the catalog says. */
import assert from 'node:assert/strict';
import { mkdir, rm, symlink, truncate } from 'node:fs/promises';
import { assertBalanced, assertEnded, inputsOf, ledgerOf } from '../campaign/questions.ts';
import { assertTold, inError } from '../campaign/troubles.ts';
import { aCampaign, DATASET, rawFiles, SITE, type World } from '../campaign/world.ts';

const VANISHED = 'all_0000176853_002.raw';
const FOLDER = 'all_0000176852_003.raw';
const DANGLING = 'all_0000176853_004.raw';
const EMPTY = 'all_0000176852_005.raw';

describe('a campaign whose source lacks some of the files', function () {
  this.timeout(600_000);
  let world: World;
  let errors: string;
  before(async () => {
    world = await aCampaign(6, 10, 'shared');
    for (const name of [VANISHED, FOLDER, DANGLING]) await rm(world.at('fnal', name));
    await mkdir(world.at('fnal', FOLDER));
    await symlink('nowhere', world.at('fnal', DANGLING));
    await truncate(world.at('fnal', EMPTY));
    const impatient = DATASET.replace('transfer: {attempts: 5', 'transfer: {attempts: 2');
    await world.write('campaign.yaml', `${SITE}---\n${impatient}`);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
    errors = (await world.rereco('errors')).out;
  });
  after(() => world.close());

  it('processes the others', async () => {
    const done = (await inputsOf(world)).filter((file) => file.state === 'done').map((file) => file.name);
    assert.deepEqual(done, ['all_0000176852_001.raw', 'all_0000176853_006.raw']);
  });

  it('tells of a file that has vanished', () =>
    assertTold(world, errors, VANISHED, /data.*is not at the source/));

  it('tells of a folder in the place of a file', () =>
    assertTold(world, errors, FOLDER, /is not a file at the source/));

  it('tells of a link to nothing', () => assertTold(world, errors, DANGLING, /link/));

  it('tells of a file that is empty at the source', () => assertTold(world, errors, EMPTY, /has 0 bytes/));

  it('puts none of them into the mass store', async () => {
    const rows = await world.rows<{ copies: string }>(
      "SELECT count(*) AS copies FROM input_states WHERE state = 'error' AND copy_path IS NOT NULL",
    );
    assert.deepEqual(rows, [{ copies: '0' }]);
  });

  it('has their events among the failed ones of the ledger', async () => {
    const { read, failed, difference } = await ledgerOf(world, 'p17');
    assert.deepEqual([read.events, failed, difference], [20, { files: 4, events: 40 }, 0]);
  });

  it('settles once the files are put back and cleaned', async () => {
    for (const { name, text } of rawFiles(6, 10).files) {
      await rm(world.at('fnal', name), { recursive: true, force: true });
      await world.write(`fnal/${name}`, text);
    }
    assertEnded(await world.rereco('clean', '--dataset', 'p17', '--yes'), 0);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'p17', 60);
    assert.equal((await inError(world)).size, 0);
  });
});
