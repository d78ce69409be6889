/** Where raw files come from, wrong at first and put right afterwards. */
import assert from 'node:assert/strict';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { assertBalanced, assertEnded, inputsOf, namesBelow, until } from '../campaign/questions.ts';
import { inOneLine } from '../campaign/troubles.ts';
import { aCampaign, aWorld, DATASET, SITE, type World } from '../campaign/world.ts';

const settle = (world: World) => world.rereco('reconcile', '--until', 'settled');

/** Nothing is declared, so that the catalog holds raw files only. */
const UNDECLARED = DATASET.replace(', declare: fileDone', '');
const IMPATIENT = UNDECLARED.replace('transfer: {attempts: 5', 'transfer: {attempts: 2');
const ELSEWHERE = '{from: fnal, to: hpss, driver: copy, path: elsewhere}';
const NOWHERE = '{from: fnal, to: hpss, driver: copy, path: nowhere}';
const MOVER = '{from: fnal, to: hpss, driver: copy}';

/** A campaign whose raw files all lie in a folder `elsewhere` of the far end. */
async function aCampaignElsewhere(): Promise<World> {
  const world = await aCampaign(3, 10, 'shared');
  await mkdir(world.at('fnal/elsewhere'));
  for (const name of await readdir(world.at('fnal'))) {
    if (name.endsWith('.raw')) await rename(world.at('fnal', name), world.at('fnal/elsewhere', name));
  }
  return world;
}

/** The manifest with a location for each file. */
async function locate(world: World, folder: string): Promise<void> {
  const lines = (await world.read('raw.ndjson')).trimEnd().split('\n');
  const located = lines.map((line) => {
    const file = JSON.parse(line);
    return `${JSON.stringify({ ...file, locations: [`fnal:${folder}/${file.file_name}`] })}\n`;
  });
  await world.write('raw.ndjson', located.join(''));
}

describe('the place of raw files that was wrong', function () {
  this.timeout(600_000);
  let world: World;
  afterEach(() => world.close());

  async function assertPutRight(): Promise<void> {
    assertEnded(await world.rereco('clean', '--dataset', 'p17', '--yes'), 0);
    assertEnded(await settle(world), 0);
    await assertBalanced(world, 'p17', 30);
    const [{ name = '' } = {}] = await inputsOf(world);
    assert.match(
      inOneLine((await world.rereco('history', name)).out),
      /source\.moved.* it comes from fnal:elsewhere\/\S+, no longer from fnal:/,
    );
  }

  it('in the site is put right there', async () => {
    world = await aCampaignElsewhere();
    await world.write('campaign.yaml', `${SITE.replace(MOVER, NOWHERE)}---\n${IMPATIENT}`);
    assertEnded(await settle(world), 3);
    await world.write('campaign.yaml', `${SITE.replace(MOVER, ELSEWHERE)}---\n${IMPATIENT}`);
    await assertPutRight();
  });

  it('in the site is put right there without a person, for files that are still tried again', async () => {
    world = await aCampaignElsewhere();
    await world.write('campaign.yaml', `${SITE.replace(MOVER, NOWHERE)}---\n${UNDECLARED}  suspend: true\n`);
    await world.rereco('reconcile');
    await world.write('campaign.yaml', `${SITE.replace(MOVER, ELSEWHERE)}---\n${UNDECLARED}`);
    const plan = await world.rereco('reconcile', '--dry-run');
    assert.match(plan.out, /transfer +3 files.*/);
    assert.match(inOneLine(plan.out), /hpss has no copy; it comes from fnal:elsewhere/);
    assertEnded(await settle(world), 0);
    await assertBalanced(world, 'p17', 30);
  });

  it('in the catalog is put right there', async () => {
    world = await aCampaignElsewhere();
    await locate(world, 'nowhere');
    await world.write('campaign.yaml', `${SITE}---\n${IMPATIENT}`);
    assertEnded(await settle(world), 3);
    await locate(world, 'elsewhere');
    await assertPutRight();
  });

  it('in a manifest is put right there, and is used without a person', async () => {
    world = await aCampaignElsewhere();
    await locate(world, 'nowhere');
    const named = IMPATIENT.replace('definition: raw-all', 'manifest: raw.ndjson');
    await world.write('campaign.yaml', `${SITE}---\n${named}`);
    assertEnded(await settle(world), 3);
    await locate(world, 'elsewhere');
    assertEnded(await settle(world), 0);
    await assertBalanced(world, 'p17', 30);
  });

  it('is put right while somebody watches', async () => {
    world = await aCampaignElsewhere();
    await world.write('campaign.yaml', `${SITE.replace(MOVER, NOWHERE)}---\n${IMPATIENT}`);
    await world.rereco('db', 'migrate');
    const watcher = world.start('watch', '.');
    try {
      await until(
        60,
        async () => (await inputsOf(world)).filter(({ state }) => state === 'error').length === 3,
      );
      await world.write('campaign.yaml', `${SITE.replace(MOVER, ELSEWHERE)}---\n${IMPATIENT}`);
      await until(180, async () => (await inputsOf(world)).every(({ state }) => state === 'copied'));
    } finally {
      watcher.kill('SIGTERM');
      await watcher.ended;
    }
    await assertBalanced(world, 'p17', 30);
  });

  it('of an origin is put right before its replica goes', async () => {
    world = await aCampaign(3, 10, 'shared');
    const kept = UNDECLARED.replace('path: "raw/{run}"', 'path: "raw/{run}", afterDone: release');
    const [name = ''] = (await readdir(world.at('fnal'))).filter((one) => one.endsWith('.raw'));
    await world.write('campaign.yaml', `${SITE}---\n${kept}  suspend: false\n`);
    await until(180, async () => {
      await world.rereco('reconcile', '--phase', 'transfer,verify');
      return (await inputsOf(world)).every(({ state }) => state === 'verified');
    });
    await mkdir(world.at('fnal/elsewhere'));
    await rename(world.at('fnal', name), world.at('fnal/elsewhere', name));
    assertEnded(await settle(world), 3);
    assert.match(inOneLine((await world.rereco('errors')).out), /replica not released/);

    const lines = (await world.read('raw.ndjson')).trimEnd().split('\n');
    const moved = lines.map((line) =>
      line.includes(name)
        ? JSON.stringify({ ...JSON.parse(line), locations: [`fnal:elsewhere/${name}`] })
        : line,
    );
    await world.write('raw.ndjson', `${moved.join('\n')}\n`);
    assertEnded(await settle(world), 0);
    assert.deepEqual(await namesBelow(world, 'hpss/raw'), []);
    assert.ok((await readdir(world.at('fnal/elsewhere'))).includes(name));
  });
});

describe('a raw file that is moved within its store', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aWorld('shared');
    await world.write('reco.sh', '#!/bin/sh\ncp "$1" "$2"\n', 0o755);
    await world.write(
      'grow.yaml',
      `apiVersion: rereco/v1
kind: Dataset
metadata: {name: grow}
spec:
  input: {settleFor: 0s, files: "raw/**/*.txt", eventCount: {pattern: "^event"}}
  job: {command: "./reco.sh {input} {output.dst}", eventsRead: {pattern: "^event"}}
  outputs: {dst: {name: "{stem}.dst", path: dst, eventsWritten: {pattern: "^event"}}}
`,
    );
    await world.write('raw/a/one.txt', 'event 1\nevent 2\n');
    await mkdir(world.at('raw/b'));
  });
  afterEach(() => world.close());

  const move = () => rename(world.at('raw/a/one.txt'), world.at('raw/b/one.txt'));

  it('before it is looked at is found where it is now', async () => {
    assertEnded(await world.rereco('reconcile', '--phase', 'archive'), 3);
    await move();
    assertEnded(await settle(world), 0);
    await assertBalanced(world, 'grow', 2);
  });

  it('after it was verified is found where it is now, and never moved by us', async () => {
    await world.rereco('reconcile', '--phase', 'transfer');
    assertEnded(await world.rereco('reconcile', '--phase', 'verify'), 3);
    assert.equal((await inputsOf(world))[0]?.state, 'verified');
    await move();
    await settle(world);
    assertEnded(await settle(world), 0);
    await assertBalanced(world, 'grow', 2);
    assert.deepEqual(await namesBelow(world, 'raw'), ['b/one.txt']);
  });

  it('after it was done is left alone', async () => {
    assertEnded(await settle(world), 0);
    await move();
    assertEnded(await settle(world), 0);
    await rm(world.at('raw/b'), { recursive: true });
    assertEnded(await settle(world), 0);
    await assertBalanced(world, 'grow', 2);
  });
});
