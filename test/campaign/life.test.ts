import assert from 'node:assert/strict';
import { readdir, rm, truncate } from 'node:fs/promises';
import { assertNothingLeft } from './leftovers.ts';
import { aCampaign, type World } from './world.ts';

interface FileLine {
  readonly name: string;
  readonly kind: string;
  readonly dataTier: string;
  readonly state: string;
}

const files = async (world: World) => (await world.json('get', 'files')) as readonly FileLine[];
const statesOf = (list: readonly FileLine[], tier: string) =>
  [...new Set(list.filter((file) => file.dataTier === tier).map((file) => file.state))].sort();

describe('a campaign from Fermilab and back', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aCampaign(6, 10, 'shared');
  });
  afterEach(() => world.close());

  it('brings every file to copied, declares DSTs, deletes TMBs here, and archives the logs', async () => {
    const ran = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(ran.code, 0, ran.out + ran.err);

    const list = await files(world);
    assert.deepEqual(statesOf(list, 'raw'), ['copied']);
    assert.deepEqual(statesOf(list, 'reconstructed'), ['located']);
    assert.deepEqual(statesOf(list, 'thumbnail'), ['deleted']);
    const far = await readdir(world.at('far'));
    assert.equal(far.filter((name) => name.startsWith('recoT_') && !name.endsWith('.json')).length, 6);
    assert.deepEqual(
      (await readdir(world.at('tmb'))).filter((name) => name.startsWith('recoT_')),
      [],
    );
    assert.equal((await readdir(world.at('fnal'))).filter((name) => name.endsWith('.raw')).length, 6);
    assert.ok((await readdir(world.at('hpss', 'logs', '4711'))).length > 0);

    await assertNothingLeft(world);
    const again = await world.rereco('reconcile', '--dry-run');
    assert.match(again.out, /nothing to do/);
    assert.equal(again.code, 0);
  });

  it('brings a raw file again that was cut short after it was verified', async () => {
    const verified = await world.rereco('reconcile', '--phase', 'transfer,verify', '--until', 'settled');
    assert.equal(verified.code, 3, verified.out + verified.err);
    assert.deepEqual(statesOf(await files(world), 'raw'), ['verified']);
    const cut = world.at('hpss/raw/176852/all_0000176852_001.raw');
    await truncate(cut, 10);

    const ran = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(ran.code, 0, ran.out + ran.err);
    assert.match(ran.out, /check\.failed/);
    assert.deepEqual(statesOf(await files(world), 'raw'), ['copied']);
  });

  it('makes an output again that was deleted by hand before the dataset was done', async () => {
    await world.write('fnal/all_0000176852_001.raw', 'not yet there');
    await world.rereco('reconcile', '--until', 'settled');
    const before = await files(world);
    assert.deepEqual(statesOf(before, 'raw'), ['done', 'error']);
    await rm(world.at('hpss/dst/176853/reco_all_0000176853_002_p17.03.03'));

    const ran = await world.rereco('reconcile', '--until', 'settled');
    assert.match(ran.out, /output\.absent/);
    const after = (await files(world)).filter((file) => file.name === 'reco_all_0000176853_002_p17.03.03');
    assert.deepEqual(after.map((file) => file.state).sort(), ['located', 'lost']);
  });
});
