import assert from 'node:assert/strict';
import { readdir, rm, truncate } from 'node:fs/promises';
import { assertBalanced, assertEnded, namesBelow, statesOfTier, until } from '../campaign/questions.ts';
import { inOneLine, letTimePass } from '../campaign/troubles.ts';
import { aCampaign, DATASET, SITE, type World } from '../campaign/world.ts';

const TMB = 'recoT_all_0000176852_001_p17.03.03';
const DST = 'dst/176852/reco_all_0000176852_001_p17.03.03';
/** Where a TMB lies here. */
const HERE = `tmb/tmb/${TMB}`;
const EVENTS = 10;
const FILES = 1;

/** The campaign with TMBs that stay here, and exported as soon as they are made. */
const KEPT = DATASET.replace('thenDelete: true', 'thenDelete: false');

/** What is written back into a file: as many other bytes. */
const swapped = (text: string) => text.replaceAll('1', '7');

async function errorsOf(world: World): Promise<string> {
  return inOneLine((await world.rereco('errors')).out).trim();
}

/** Settle the campaign; fail unless it does. */
async function settle(world: World): Promise<void> {
  assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
}

/** The waits of failures are cut short until the campaign settles. */
async function settleInTime(world: World): Promise<void> {
  await until(180, async () => {
    await letTimePass(world);
    return (await world.rereco('reconcile', '--until', 'settled')).code === 0;
  });
}

/** Settle but for the deletions, which a budget of 0 holds back. */
async function settleUndeleted(world: World): Promise<void> {
  await world.write('campaign.yaml', `${SITE}---\n${DATASET}  limits: {budgets: {delete: 0}}\n`);
  assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
  assert.deepEqual(await statesOfTier(world, 'thumbnail'), ['copied']);
  await world.write('campaign.yaml', `${SITE}---\n${DATASET}`);
}

async function assertWhole(world: World, far: string): Promise<void> {
  assert.equal(await world.read(`far/${TMB}`), far);
  await assertBalanced(world, 'p17', FILES * EVENTS);
}

describe('the far copy of an output', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aCampaign(FILES, EVENTS, 'shared');
  });
  afterEach(() => world.close());

  it('does not count when it is cut and the copy here is gone: that is damage until it is made again', async () => {
    await settleUndeleted(world);
    const good = await world.read(`far/${TMB}`);
    await truncate(world.at('far', TMB), 50);
    await rm(world.at(HERE));

    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
    assert.match(await errorsOf(world), /has 50 bytes, not the \d+ that were accepted.*no good copy is left/);
    assert.match(inOneLine((await world.rereco('why', TMB)).out), /rereco resubmit/);
    assert.doesNotMatch((await world.rereco('status')).out, /: settled/);

    assertEnded(await world.rereco('resubmit', TMB, '--yes'), 0);
    await settle(world);
    await assertWhole(world, good);
    assert.deepEqual(await statesOfTier(world, 'raw'), ['copied']);
    assert.equal(await errorsOf(world), 'no errors');
    const [folder = ''] = await readdir(world.at('far/.rereco/quarantine'));
    assert.deepEqual(await readdir(world.at('far/.rereco/quarantine', folder)), [TMB]);
  });

  it('counts when it is whole and the copy here is gone', async () => {
    await settleUndeleted(world);
    await rm(world.at(HERE));
    await settle(world);
    assert.deepEqual(await statesOfTier(world, 'thumbnail'), ['deleted']);
  });

  it('is sent again when it is lost before the copy here is deleted', async () => {
    await settleUndeleted(world);
    const good = await world.read(`far/${TMB}`);
    await rm(world.at('far', TMB));
    const ran = await world.rereco('reconcile', '--until', 'settled');
    assertEnded(ran, 0);
    assert.match(ran.out, /far\.absent/);
    await assertWhole(world, good);
    assert.deepEqual(await statesOfTier(world, 'thumbnail'), ['deleted']);
    assert.deepEqual(await statesOfTier(world, 'raw'), ['copied']);
  });

  it('is put aside and sent again by clean when it is damaged, also to the same size', async () => {
    await settleUndeleted(world);
    const good = await world.read(`far/${TMB}`);
    await world.write(`far/${TMB}`, swapped(good));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
    assert.match(
      await errorsOf(world),
      /has adler32:\w+, not the adler32:\w+ that was accepted.*rereco clean/,
    );
    assert.equal(await world.read(HERE), good);

    const cleaned = await world.rereco('clean', TMB, '--yes');
    assertEnded(cleaned, 0);
    assert.match(inOneLine(cleaned.out), /1 put away.*it is sent again/);
    await settle(world);
    await assertWhole(world, good);
    assert.match((await world.rereco('history', TMB)).out, /copied → promoted +far\.corrupt/);
  });

  it('is trouble no longer once it is put right by hand', async () => {
    await settleUndeleted(world);
    const good = await world.read(`far/${TMB}`);
    await truncate(world.at('far', TMB), 5);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
    await world.write(`far/${TMB}`, good);
    await settle(world);
    assert.equal(await errorsOf(world), 'no errors');
    assert.deepEqual(await statesOfTier(world, 'thumbnail'), ['deleted']);
  });

  it('is missed when it is lost after the copy here was deleted, and made again', async () => {
    await settle(world);
    const good = await world.read(`far/${TMB}`);
    await rm(world.at('far', TMB));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
    assert.match(await errorsOf(world), /far:recoT_\S+ is gone, and the copy here was deleted/);

    assertEnded(await world.rereco('resubmit', 'all_0000176852_001.raw', '--yes'), 0);
    await settle(world);
    await assertWhole(world, good);
  });

  it('is sent again when the copy here is kept and it is lost', async () => {
    await world.write('campaign.yaml', `${SITE}---\n${KEPT}`);
    await settle(world);
    const good = await world.read(`far/${TMB}`);
    await rm(world.at('far', TMB));
    await settle(world);
    await assertWhole(world, good);
    assert.deepEqual(await statesOfTier(world, 'thumbnail'), ['copied']);
  });

  it('is not enough where the copy here is to be kept and is gone: that is told, and made again', async () => {
    await world.write('campaign.yaml', `${SITE}---\n${KEPT}`);
    await settle(world);
    const good = await world.read(HERE);
    await rm(world.at(HERE));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
    assert.match(await errorsOf(world), /tmb:tmb\/recoT_\S+ is gone; far:recoT_\S+ agrees: copy it back/);
    assertEnded(await world.rereco('resubmit', TMB, '--yes'), 0);
    await settle(world);
    assert.equal(await world.read(HERE), good);
    await assertWhole(world, good);
  });

  it('is not made of damaged bytes: an output that has changed before it is sent is made again', async () => {
    const before = ['--phase', 'transfer,verify,process', '--until', 'settled'];
    assertEnded(await world.rereco('reconcile', ...before), 3);
    const good = await world.read(HERE);
    await world.write(HERE, swapped(good));
    await settleInTime(world);
    await assertWhole(world, good);
    assert.match((await world.rereco('history', TMB)).out, /output\.corrupt/);
  });

  it('takes no place where something else lies: clean says so until that is put away', async () => {
    const before = ['--phase', 'transfer,verify,process', '--until', 'settled'];
    assertEnded(await world.rereco('reconcile', ...before), 3);
    await world.write(`far/${TMB}`, 'somebody else');
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
    assert.match(await errorsOf(world), /the second holds other bytes/);
    const refused = await world.rereco('clean', '--dataset', 'p17', '--yes');
    assertEnded(refused, 3);
    assert.match(
      inOneLine(refused.out),
      /no output of ours is known to have been there; put it away by hand/,
    );
    assert.equal(await world.read(`far/${TMB}`), 'somebody else');

    await rm(world.at('far', TMB));
    assertEnded(await world.rereco('resubmit', '--dataset', 'p17', '--yes'), 0);
    await settle(world);
    await assertWhole(world, await world.read(`far/${TMB}`));
  });

  it('that nobody can compare is told of with what to do', async () => {
    await settleUndeleted(world);
    await world.rows("UPDATE file_details SET checksum = NULL WHERE kind = 'output'");
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
    assert.match(await errorsOf(world), /cannot be compared: no checksum is on record.*deleteProof: size/);
    const why = inOneLine((await world.rereco('why', TMB)).out);
    assert.equal(why.match(/cannot be compared/g)?.length, 1, why);
    assert.match(why, /export: waits: it is not tried again by itself \(failed\.forGood, since /);
    assert.deepEqual(await namesBelow(world, 'tmb'), [`tmb/${TMB}`]);

    const site = SITE.replace(
      'far: {driver: posix, root: far}',
      'far: {driver: posix, root: far, deleteProof: size}',
    );
    await world.write('campaign.yaml', `${site}---\n${DATASET}`);
    await settle(world);
    assert.deepEqual(await namesBelow(world, 'tmb'), []);
  });
});

describe('an output that is kept', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aCampaign(FILES, EVENTS, 'shared');
  });
  afterEach(() => world.close());

  for (const [what, damage] of [
    ['cut', (file: string) => truncate(file, 10)],
    ['gone', (file: string) => rm(file)],
  ] as const) {
    it(`is made again when it is ${what} after its file is copied`, async () => {
      await settle(world);
      const good = await world.read(`hpss/${DST}`);
      await damage(world.at('hpss', DST));
      assertEnded(await world.rereco('reconcile'), 3);
      assert.match(await errorsOf(world), /reco_all_0000176852_001_p17.03.03 (has 10 bytes|is gone)/);

      await settleInTime(world);
      assert.equal(await world.read(`hpss/${DST}`), good);
      assert.deepEqual(await statesOfTier(world, 'raw'), ['copied']);
      assert.deepEqual(await statesOfTier(world, 'thumbnail'), ['deleted']);
      await assertBalanced(world, 'p17', FILES * EVENTS);
    });
  }
});
