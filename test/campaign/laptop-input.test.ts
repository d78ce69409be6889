/** A folder on a laptop with names and files in it that nobody would wish for. */
import assert from 'node:assert/strict';
import { cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { assertBalanced, assertEnded, inputsOf, ledgerOf, namesBelow } from './questions.ts';
import { assertTold, inOneLine } from './troubles.ts';
import { aWorld, type Ran, type World } from './world.ts';

const LAPTOP = fileURLToPath(new URL('../../specs/examples/laptop', import.meta.url));

/** Each would do harm where a name is taken for an option, a pattern or a part of a command. */
const ODD = [
  'with spaces.lhe',
  `it's "quoted".lhe`,
  'ünïcødé-事象.lhe',
  '-leading-dash.lhe',
  '$(touch pwned).lhe',
  '{input};&|.lhe',
];
const EVENTS = 5;

/** A laptop's folder without raw files; the text of one. */
async function aLaptop(): Promise<{ readonly world: World; readonly sample: string }> {
  const world = await aWorld('shared');
  await cp(LAPTOP, world.folder, { recursive: true });
  const spec = await world.read('lhe-skim.yaml');
  await world.write('lhe-skim.yaml', spec.replace('input: {', 'input: {settleFor: 0s, '));
  const sample = await world.read('raw/sample.lhe');
  await rm(world.at('raw/sample.lhe'));
  return { world, sample };
}

const stateOf = async (world: World, name: string) =>
  (await inputsOf(world)).find((file) => file.name === name)?.state;

describe('a laptop folder with odd names and broken files', function () {
  this.timeout(600_000);
  let world: World;
  let sample: string;
  let first: Ran;
  before(async () => {
    ({ world, sample } = await aLaptop());
    for (const name of ODD) await world.write(`raw/${name}`, sample);
    await world.write('raw/empty.lhe', '');
    await mkdir(world.at('raw/folder.lhe'));
    await symlink('not-mounted', world.at('raw/link.lhe'));
    first = await world.rereco('reconcile', '--until', 'settled');
  });
  after(() => world.close());

  it('is worked on as far as it goes', () => assertEnded(first, 3));

  it('has an output for every file that can be read, whatever its name', async () => {
    const outputs = ODD.map((name) => name.replace(/lhe$/, 'dst')).sort();
    assert.deepEqual(await namesBelow(world, 'dst'), outputs);
  });

  it('runs nothing that is in a name', async () => {
    const everything = await namesBelow(world, '.');
    assert.deepEqual(
      everything.filter((name) => name.endsWith('pwned')),
      [],
    );
  });

  it('tells of an empty file', async () => {
    await assertTold(world, (await world.rereco('errors')).out, 'empty.lhe', /empty: (0|N) bytes/);
  });

  it('waits for a file behind a broken link, and says so', async () => {
    assert.equal(await stateOf(world, 'link.lhe'), 'pending');
    assert.match(inOneLine((await world.rereco('why', 'link.lhe')).out), /is a symbolic link to nothing/);
  });

  it('settles once both are put right', async () => {
    await world.write('raw/empty.lhe', sample);
    await world.write('raw/not-mounted', sample);
    assertEnded(await world.rereco('reconcile', '--phase', 'transfer,verify', '--until', 'settled'), 3);
    assertEnded(await world.rereco('clean', '--dataset', 'lhe-skim', '--yes'), 0);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'lhe-skim', (ODD.length + 2) * EVENTS);
  });
});

describe('a laptop folder that changes', function () {
  this.timeout(600_000);
  let world: World;
  let sample: string;
  let spec: string;
  before(async () => {
    ({ world, sample } = await aLaptop());
    await world.write('raw/a.lhe', sample);
    await world.write('raw/b.lhe', sample);
    spec = (await world.read('lhe-skim.yaml')).replace('{stem}.dst', '{stem}.{version}.dst');
    await world.write('lhe-skim.yaml', spec);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
  });
  after(() => world.close());

  it('keeps what was made of a raw file that has vanished since', async () => {
    await rename(world.at('raw/a.lhe'), world.at('elsewhere'));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'lhe-skim', 2 * EVENTS);
    assert.equal(await stateOf(world, 'a.lhe'), 'done');
  });

  const again = () =>
    spec
      .replace('job: {', 'job: {application: {version: v2}, ')
      .replace('"raw/*.lhe"', '[raw/a.lhe, raw/b.lhe]');

  it('says which files were made by an older revision and stay so', async () => {
    await world.write('lhe-skim.yaml', again());
    const planned = await world.rereco('reconcile', '--dry-run');
    assert.match(inOneLine(planned.out), /kept 2 files are done under an older revision and stay so/);
    await world.rereco('reconcile');
    assert.match((await world.rereco('status')).out, /lhe-skim: 2 files are done under an older revision/);
  });

  it('tells of the file when it is to be processed again', async () => {
    await world.write('lhe-skim.yaml', `${again()}  onChange: reprocess\n`);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
    await assertTold(world, (await world.rereco('errors')).out, 'a.lhe', /data.*has vanished/);
    assert.equal((await ledgerOf(world, 'lhe-skim')).failed.events, EVENTS);
  });

  it('processes it again once it is put back and resubmitted', async () => {
    await rename(world.at('elsewhere'), world.at('raw/a.lhe'));
    assertEnded(await world.rereco('resubmit', 'a.lhe', '--yes'), 0);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'lhe-skim', 2 * EVENTS);
    const { out } = await world.rereco('get', 'files', '--kind', 'output');
    assert.match(out, /revision/);
    assert.equal(out.match(/ superseded /g)?.length, 2, out);
    assert.match((await world.rereco('why', 'a.lhe')).out, /superseded since[\s\S]*processed anew/);
    assert.equal(out.match(/ promoted /g)?.length, 2, out);
    assert.doesNotMatch((await world.rereco('status')).out, /older revision/);
  });

  it('holds the dataset where two files have one name, instead of losing one', async () => {
    await world.write('raw/more/b.lhe', sample);
    await world.write('lhe-skim.yaml', spec.replace('raw/*.lhe', 'raw/**/*.lhe'));
    const ran = await world.rereco('reconcile', '--until', 'settled');
    assertEnded(ran, 3);
    assert.match(ran.out, /several files b\.lhe/);
  });
});
