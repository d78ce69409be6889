/** Real Les Houches files, with a reconstruction that is a shell script and a spec that is a text. */
import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { aLesHouchesCampaign } from './les-houches.ts';
import { assertBalanced, assertEnded, hashesOf, namesBelow, statesOfTier } from './questions.ts';
import { bringRealFiles, REAL_DATA, realFiles, skipWithout } from './real-data.ts';
import { aWorld, type Ran, type World } from './world.ts';

const LAPTOP = fileURLToPath(new URL('../../specs/examples/laptop', import.meta.url));

const linesIn = async (world: World, folder: string, pattern: RegExp): Promise<number> => {
  const texts = await Promise.all(
    (await namesBelow(world, folder)).map((name) => world.read(path.join(folder, name))),
  );
  return texts.join('').match(pattern)?.length ?? 0;
};

describe('a campaign on Les Houches files from Fermilab and back', function () {
  this.timeout(600_000);
  const files = realFiles('lhe') ?? [];
  let world: World;
  let ran: Ran;
  before(async function () {
    skipWithout('lhe', this);
    world = await aLesHouchesCampaign('shared');
    ran = await world.rereco('reconcile', '--until', 'settled');
  });
  after(() => world?.close());

  it('settles', () => assertEnded(ran, 0));

  it('has read every one of the 918 events', () => assertBalanced(world, 'lhe', 918));

  it('brings every file to copied', async () => {
    assert.deepEqual(await statesOfTier(world, 'raw'), ['copied']);
    assert.equal((await namesBelow(world, 'hpss/raw')).length, files.length);
  });

  it('writes a line for each event into the DSTs', async () => {
    assert.equal(await linesIn(world, 'hpss/dst', /^EVENT/gm), 918);
  });

  it('declares and locates every DST in the catalog', async () => {
    const [declared] = await world.rows<{ files: string; events: string; located: string }>(
      `SELECT count(*) AS files, sum(event_count) AS events,
         count(*) FILTER (WHERE EXISTS (SELECT 1 FROM unnest(added_locations) AS l WHERE l = 'hpss:dst/' || name)) AS located
       FROM rereco_catalog.files WHERE data_tier = 'reconstructed'`,
    );
    assert.deepEqual(declared, { files: '10', events: '918', located: '10' });
  });

  it('has every TMB with its metadata at the far end, and none here', async () => {
    const far = await namesBelow(world, 'far');
    const tmbs = files.map(({ name }) => `recoT_${name.replace('.lhe', '')}_v1`);
    assert.deepEqual(far, tmbs.flatMap((name) => [name, `${name}.metadata.json`]).sort());
    assert.deepEqual(await namesBelow(world, 'tmb'), []);
  });

  it('reads up to three files a job', async () => {
    const jobs = await world.rows<{ files: string }>(
      "SELECT count(*) AS files FROM attempts WHERE phase = 'process' GROUP BY submission_id ORDER BY 1 DESC",
    );
    // How many are verified together is a matter of moments.
    const files = jobs.map((job) => Number(job.files));
    assert.equal(files[0], 3);
    assert.equal(
      files.reduce((sum, count) => sum + count, 0),
      10,
    );
  });

  it('archives the logs of every submission', async () => {
    const [left] = await world.rows<{ left: string }>(
      'SELECT count(*) AS left FROM submissions WHERE archive_id IS NULL',
    );
    assert.deepEqual(left, { left: '0' });
    assert.equal((await namesBelow(world, 'hpss/logs/4711')).length, 1);
    assert.deepEqual(await namesBelow(world, 'spool/jobs'), []);
  });

  it('leaves the files at their source as they were', () => {
    const real = [...hashesOf(path.join(REAL_DATA, 'lhe'))].filter(([name]) => name.endsWith('.lhe'));
    const here = [...hashesOf(world.at('fnal'))].filter(([name]) => name.endsWith('.lhe'));
    assert.deepEqual(here, real);
  });

  it('finds nothing left to do', async () => {
    const again = await world.rereco('reconcile', '--dry-run');
    assertEnded(again, 0);
    assert.match(again.out, /nothing to do/);
  });
});

describe('the smallest spec on a laptop', function () {
  this.timeout(600_000);
  let world: World;
  let ran: Ran;
  before(async function () {
    skipWithout('lhe', this);
    world = await aWorld('shared');
    await cp(LAPTOP, world.folder, { recursive: true });
    await rm(world.at('raw'), { recursive: true });
    await bringRealFiles(world, 'lhe', 'raw');
    ran = await world.rereco('reconcile', '--until', 'settled');
  });
  after(() => world?.close());

  it('settles', () => assertEnded(ran, 0));

  it('counts every event itself, where no catalog knows them', () => assertBalanced(world, 'lhe-skim', 918));

  it('writes a line for each event', async () => {
    assert.equal(await linesIn(world, 'dst', /^EVENT/gm), 918);
  });

  it('makes nothing of the raw files but reads them', async () => {
    const real = [...hashesOf(path.join(REAL_DATA, 'lhe'))].filter(([name]) => name.endsWith('.lhe'));
    assert.deepEqual(hashesOf(world.at('raw')), new Map(real));
  });
});
