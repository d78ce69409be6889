/** Which runs are wanted, where only the names of files tell them, or nobody does. */
import assert from 'node:assert/strict';
import { assertEnded, inputsOf, namesBelow, until } from '../campaign/questions.ts';
import { aCampaign, aWorld, DATASET, SITE, type World } from '../campaign/world.ts';

const HEAD = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: runs}
spec:
`;
const REST = `
  job: {command: "./reco.sh {input} {output.dst}", eventsRead: {pattern: "^event"}}
  outputs: {dst: {name: "{stem}.dst", path: "dst/{run}", eventsWritten: {pattern: "^event"}}}
  retry: {process: {attempts: 2, first: 1s, longest: 1s}}
`;
const specOf = (input: string) =>
  `${HEAD}  input: {settleFor: 0s, eventCount: {pattern: "^event"}, ${input}}${REST}`;

const BAD = 'all_0000195142_001.txt';
const GOOD = 'all_0000195143_001.txt';
const BY_NAME = 'run: {pattern: "_0*([0-9]+)_"}';

describe('runs that are wanted', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aWorld('shared');
    await world.write('reco.sh', '#!/bin/sh\ncp "$1" "$2"\n', 0o755);
    await world.write(`raw/${BAD}`, 'event 1\nevent 2\n');
    await world.write(`raw/${GOOD}`, 'event 1\nevent 2\nevent 3\n');
  });
  afterEach(() => world.close());

  const settle = () => world.rereco('reconcile', '--until', 'settled');
  const manifest = (...runs: readonly (number | null)[]) =>
    [BAD, GOOD]
      .map((name, index) => ({ file_name: name, file_size: 16 + 8 * index, run: runs[index] ?? undefined }))
      .map((line) => `${JSON.stringify(line)}\n`)
      .join('');

  it('are refused for files named by paths whose names nobody can read runs from', async () => {
    await world.write('spec.yaml', specOf('files: "raw/*.txt", runs: {exclude: [195142]}'));
    const validated = await world.rereco('validate');
    assertEnded(validated, 2);
    assert.match(validated.out + validated.err, /spec\.input\.runs\.exclude: .*run: \{pattern:/);
    assertEnded(await settle(), 2);
    assert.deepEqual(await namesBelow(world, 'dst'), []);
  });

  it('stay as they were while the list of bad runs is broken, and the dataset goes on', async () => {
    await world.write('bad-runs.txt', '195142\n');
    await world.write('spec.yaml', specOf(`files: "raw/*.txt", ${BY_NAME}, runs: {exclude: bad-runs.txt}`));
    assertEnded(await settle(), 0);
    await world.write('bad-runs.txt', 'rubbish\n');
    await world.write('raw/all_0000195144_001.txt', 'event 1\n');
    const broken = await settle();
    assert.match(broken.out + broken.err, /bad-runs\.txt:1:1/);
    assert.deepEqual(await world.rows('SELECT orphaned_ms FROM datasets'), [{ orphaned_ms: null }]);
    assert.deepEqual(await namesBelow(world, 'dst'), [
      '195143/all_0000195143_001.dst',
      '195144/all_0000195144_001.dst',
    ]);
  });

  it('are told by names, and no file of a bad run is processed', async () => {
    await world.write('bad-runs.txt', '195142\n');
    await world.write('spec.yaml', specOf(`files: "raw/*.txt", ${BY_NAME}, runs: {exclude: bad-runs.txt}`));
    assertEnded(await settle(), 0);
    assert.deepEqual(await namesBelow(world, 'dst'), ['195143/all_0000195143_001.dst']);
    assert.deepEqual(
      (await inputsOf(world)).map(({ name }) => name),
      [GOOD],
    );
  });

  it('are those of the list as it is now: what becomes bad gets no new work, and what was made of it stays', async () => {
    await world.write('bad-runs.txt', '# none yet\n');
    await world.write('spec.yaml', specOf(`files: "raw/*.txt", ${BY_NAME}, runs: {exclude: bad-runs.txt}`));
    assertEnded(await settle(), 0);
    await world.write('bad-runs.txt', '195142\n');
    assertEnded(await settle(), 0);
    const errors = (await world.rereco('errors')).out.replace(/\s+/g, ' ');
    assert.match(errors, /file retired.*what was made of it stays/);
    assert.equal((await namesBelow(world, 'dst')).length, 2);
    assert.match((await world.rereco('ledger', 'runs')).out, /retired/);
  });

  it('leave out, and tell of, a file whose name tells no run', async () => {
    await world.write('raw/notes.txt', 'event 1\n');
    await world.write('spec.yaml', specOf(`files: "raw/*.txt", ${BY_NAME}, runs: {exclude: [195142]}`));
    assertEnded(await settle(), 3);
    assert.deepEqual(await namesBelow(world, 'dst'), ['195143/all_0000195143_001.dst']);
    const errors = (await world.rereco('errors')).out.replace(/\s+/g, ' ');
    assert.match(errors, /run unknown.*1 file is not processed.*input\.run\.pattern: notes\.txt/);
    assertEnded(await world.rereco('status'), 3);

    await world.write('spec.yaml', specOf(`files: "raw/all_*.txt", ${BY_NAME}, runs: {exclude: [195142]}`));
    assertEnded(await settle(), 0);
    assert.doesNotMatch((await world.rereco('errors')).out, /run unknown/);
  });

  it('leave out, and tell of, a file of a manifest whose run nobody knows, until somebody does', async () => {
    await world.write('in.ndjson', manifest(null, 195143));
    await world.write('spec.yaml', specOf('manifest: in.ndjson, path: raw, runs: {exclude: [195142]}'));
    assertEnded(await settle(), 3);
    assert.deepEqual(await namesBelow(world, 'dst'), ['195143/all_0000195143_001.dst']);
    assert.match((await world.rereco('errors')).out.replace(/\s+/g, ' '), new RegExp(`nobody knows.*${BAD}`));

    await world.write('in.ndjson', manifest(195141, 195143));
    assertEnded(await settle(), 0);
    assert.equal((await namesBelow(world, 'dst')).length, 2);
  });

  it('are those that the spec says from then on, though nobody answers which files those are', async () => {
    const campaign = await aCampaign(4, 10, 'shared');
    try {
      await until(180, async () => {
        await campaign.rereco('reconcile', '--phase', 'transfer,verify');
        return (await inputsOf(campaign)).every(({ state }) => state === 'verified');
      });
      const without = DATASET.replace(
        'definition: raw-all',
        'definition: raw-all, runs: {exclude: [176852]}',
      );
      await campaign.write('campaign.yaml', `${SITE}---\n${without}`);
      await campaign.write('raw.ndjson', 'not a manifest\n');
      await until(180, async () => {
        await campaign.rereco('reconcile', '--phase', 'process');
        return (await inputsOf(campaign)).filter(({ state }) => state === 'done').length === 2;
      });
      const done = (await inputsOf(campaign)).filter(({ state }) => state === 'done');
      assert.ok(done.every(({ name }) => name.includes('176853')));
      assert.match((await campaign.rereco('why', 'all_0000176852_001.raw')).out, /run 176852 is not wanted/);
    } finally {
      await campaign.close();
    }
  });

  it('follow the list, and files the manifest, while somebody watches', async () => {
    await world.write('in.ndjson', manifest(195142, 195143).split('\n').slice(0, 1).join('\n'));
    await world.write('bad-runs.txt', '195142\n');
    await world.write('spec.yaml', specOf('manifest: in.ndjson, path: raw, runs: {exclude: bad-runs.txt}'));
    await world.rereco('db', 'migrate');
    const watcher = world.start('watch', '.');
    const made = (count: number) => until(180, async () => (await namesBelow(world, 'dst')).length === count);
    try {
      await until(180, async () => (await world.rows('SELECT 1 FROM datasets')).length === 1);
      await world.write('in.ndjson', manifest(195142, 195143));
      await made(1);
      await world.write('bad-runs.txt', '# none\n');
      await made(2);
    } finally {
      watcher.kill('SIGTERM');
      await watcher.ended;
    }
  });

  it('hold a dataset of none but files whose runs nobody knows', async () => {
    await world.write('in.ndjson', manifest(null, null));
    await world.write('spec.yaml', specOf('manifest: in.ndjson, path: raw, runs: {include: [195142]}'));
    const ran = await settle();
    assertEnded(ran, 3);
    assert.match(ran.out.replace(/\s+/g, ' '), /2 files are not processed, since spec\.input\.runs/);
  });
});
