/** Several programs at once on one dataset: two that go on until it is settled, and cron's. */
import assert from 'node:assert/strict';
import { assertBalanced, assertEnded, hashesOf, namesBelow, statesOfTier } from '../campaign/questions.ts';
import { aCampaign, type Ran, RECO, type World } from '../campaign/world.ts';

const FILES = 8;

describe('reconcilers at work together on one dataset', function () {
  this.timeout(600_000);
  let world: World;
  let sources: ReadonlyMap<string, string>;
  let settlers: readonly Ran[];
  const verifiers: Ran[] = [];
  before(async () => {
    world = await aCampaign(FILES, 10, 'shared');
    // Every run of a job leaves its name; a name that ran twice would stand there twice.
    const noted = `set -e\necho "$RERECO_SUBMISSION" >>'${world.at('ran.txt')}'\nsleep 0.2\n`;
    await world.write(
      'reco.sh',
      RECO.replace('set -e\n', () => noted),
      0o755,
    );
    sources = hashesOf(world.at('fnal'));

    let settled = false;
    const two = [1, 2].map(() => world.start('reconcile', '--until', 'settled').ended);
    const both = Promise.all(two).finally(() => {
      settled = true;
    });
    while (!settled) verifiers.push(await world.rereco('reconcile', '--phase', 'verify'));
    settlers = await both;
  });
  after(() => world.close());

  it('ends with 0 for each that goes on until all is settled', () => {
    for (const ran of settlers) assertEnded(ran, 0);
  });

  it('ends with 0 or 3 for each single look', () => {
    const strange = verifiers.filter(({ code }) => code !== 0 && code !== 3);
    assert.deepEqual(strange, []);
  });

  it('says nothing of trouble', () => {
    assert.deepEqual(
      [...settlers, ...verifiers].map(({ err }) => err).filter((err) => err !== ''),
      [],
    );
  });

  it('accepts one output of each kind for each input', async () => {
    const rows = await world.rows<{ outputs: string }>(
      'SELECT count(*) AS outputs FROM accepted_outputs GROUP BY input_id, revision, output_key',
    );
    assert.deepEqual(
      rows.map((row) => row.outputs),
      Array.from({ length: 2 * FILES }, () => '1'),
    );
  });

  it('submits no name twice, and no file twice', async () => {
    const ran = (await world.read('ran.txt')).trim().split('\n');
    assert.equal(new Set(ran).size, ran.length);
    const rows = await world.rows<{ attempts: string }>(
      "SELECT count(*) AS attempts FROM attempts WHERE phase IN ('transfer', 'process') GROUP BY file_id, phase HAVING count(*) > 1",
    );
    assert.deepEqual(rows, []);
  });

  it('has every event read and every file at its goal', async () => {
    await assertBalanced(world, 'p17', FILES * 10);
    assert.deepEqual(await statesOfTier(world, 'raw'), ['copied']);
    assert.deepEqual(await statesOfTier(world, 'thumbnail'), ['deleted']);
  });

  it('leaves nothing live, and the sources as they were', async () => {
    assert.deepEqual(await world.rows('SELECT * FROM live_attempts'), []);
    assert.deepEqual(hashesOf(world.at('fnal')), sources);
    assert.deepEqual(await namesBelow(world, 'hpss/.rereco/quarantine'), []);
  });
});
