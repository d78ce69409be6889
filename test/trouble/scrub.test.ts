import assert from 'node:assert/strict';
import { assertBalanced, assertEnded, statesOfTier, until } from '../campaign/questions.ts';
import { inOneLine, letTimePass } from '../campaign/troubles.ts';
import { aCampaign, DATASET, SITE, type World } from '../campaign/world.ts';

const DST = 'dst/176852/reco_all_0000176852_001_p17.03.03';
const TMB = 'recoT_all_0000176852_001_p17.03.03';

const scrubbing = (scrub: string) => `${SITE}  scrub: ${scrub}\n---\n${DATASET}`;

/** What is written back into a file: as many other bytes. */
const swapped = (text: string) => text.replaceAll('1', '7');

describe('a scrub', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aCampaign(1, 10, 'shared');
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
  });
  afterEach(() => world.close());

  const errors = async () => inOneLine((await world.rereco('errors')).out);
  const scrubs = () =>
    world.rows<{ name: string; result: string }>(
      'SELECT d.name, c.result FROM scrubs c JOIN file_details d ON d.id = c.file_id ORDER BY d.name',
    );

  it('is not made where the site does not ask for it', async () => {
    await world.write(`hpss/${DST}`, swapped(await world.read(`hpss/${DST}`)));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    assert.deepEqual(await scrubs(), []);
  });

  it('finds swapped bytes of a DST, which is made again', async () => {
    const good = await world.read(`hpss/${DST}`);
    await world.write(`hpss/${DST}`, swapped(good));
    await world.write('campaign.yaml', scrubbing('{every: 1s, bytesPerDay: 1GB}'));
    assertEnded(await world.rereco('reconcile'), 3);
    assert.match(await errors(), /reco_\S+ has adler32:\w+, not the adler32:\w+ that was accepted/);

    await until(180, async () => {
      await letTimePass(world);
      return (await world.rereco('reconcile', '--until', 'settled')).code === 0;
    });
    assert.equal(await world.read(`hpss/${DST}`), good);
    assert.deepEqual(await statesOfTier(world, 'raw'), ['copied']);
    await assertBalanced(world, 'p17', 10);
  });

  it('finds swapped bytes of a far copy that is the only one, until it is made again', async () => {
    const good = await world.read(`far/${TMB}`);
    await world.write(`far/${TMB}`, swapped(good));
    await world.write('campaign.yaml', scrubbing('{every: 1s, bytesPerDay: 1GB}'));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
    assert.match(await errors(), /far:recoT_\S+ has adler32:\w+, not .*no good one is left/);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);

    assertEnded(await world.rereco('resubmit', TMB, '--yes'), 0);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    assert.equal(await world.read(`far/${TMB}`), good);
  });

  it('reads no more than the day allows, writes when each is due, and nothing when none is', async () => {
    await world.write('campaign.yaml', scrubbing('{every: 1s, bytesPerDay: 1B}'));
    assertEnded(await world.rereco('reconcile'), 0);
    assert.equal((await scrubs()).length, 1);
    await world.write('campaign.yaml', scrubbing('{every: 30d, bytesPerDay: 1GB}'));
    assertEnded(await world.rereco('reconcile'), 0);
    assert.equal((await scrubs()).length, 1);
    await world.rows('UPDATE file_details SET created_ms = 0');
    assertEnded(await world.rereco('reconcile'), 0);
    assert.deepEqual(
      (await scrubs()).map(({ result }) => result),
      ['good', 'good'],
    );
    const [before] = await world.rows('SELECT xmin::text, looked_ms FROM scrubs');
    assertEnded(await world.rereco('reconcile'), 0);
    assert.deepEqual((await world.rows('SELECT xmin::text, looked_ms FROM scrubs'))[0], before);
  });
});
