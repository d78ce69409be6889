/** Disks that are not there: never made, away for a while, or away below an empty folder. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { assertBalanced, assertEnded, inputsOf, until } from '../campaign/questions.ts';
import { inOneLine } from '../campaign/troubles.ts';
import { aCampaign, aWorld, type Ran, type World } from '../campaign/world.ts';

const told = ({ out, err }: Ran) => inOneLine(`${out} ${err}`);

/** Those who only look say it too, and ask no store for that; `why` asks what the rules ask. */
async function assertLooksTell(world: World, words: RegExp, file?: string): Promise<void> {
  const looks = [['status'], ['errors'], ...(file === undefined ? [] : [['why', file]])];
  for (const args of looks) assert.match(told(await world.rereco(...args)), words, args.join(' '));
}

/** It is over, and nobody tells of it any more. */
async function assertNothingIsTold(world: World): Promise<void> {
  assert.equal((await world.rereco('errors')).out, 'no errors\n');
  assert.doesNotMatch(told(await world.rereco('status')), /no answer|nobody has said|marker|belongs to/);
}

const movesOf = (world: World) => world.rows('SELECT id, from_state, to_state FROM transitions ORDER BY id');

/** A dataset of files that lie in a store of their own. */
const FOUND = `apiVersion: rereco/v1
kind: Site
metadata: {name: here}
spec:
  spool: {path: spool}
  stores:
    data: {driver: posix, root: data}
---
apiVersion: rereco/v1
kind: Dataset
metadata: {name: found}
spec:
  input: {files: "raw/*.txt", eventCount: {pattern: "^event"}}
  job: {command: 'cp {input} {output.dst}', eventsRead: {pattern: "^event"}}
  outputs: {dst: {name: "{stem}.dst", path: dst, eventsWritten: {pattern: "^event"}}}
`;

const ONE_FILE = FOUND.replace('raw/*.txt', 'raw/a.txt');

async function aFolderOfFiles(): Promise<World> {
  const world = await aWorld('shared');
  await world.write('spec.yaml', FOUND);
  for (const name of ['a', 'b', 'c', 'd']) await world.write(`data/raw/${name}.txt`, 'event 1\nevent 2\n');
  return world;
}

/** A command that begins, and waits as long as there is a file `wait`. */
const waiting = (world: World, then: string) =>
  `touch ${world.folder}/began; while [ -e ${world.folder}/wait ]; do sleep 0.1; done; ${then}`;

/** Until a job of it waits. */
async function untilRunning(world: World): Promise<void> {
  await until(180, async () => {
    await world.rereco('reconcile');
    return existsSync(world.at('began'));
  });
}

describe('a store whose root was never made', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aCampaign(2, 10, 'shared');
    await rm(world.at('hpss'), { recursive: true });
  });
  afterEach(() => world.close());

  it('is told of with what to type, and neither made nor taken for an empty one', async () => {
    for (const args of [['--dry-run'], []]) {
      const ran = await world.rereco('reconcile', ...args);
      assertEnded(ran, 1);
      assert.match(
        told(ran),
        /store hpss: its root \S+\/hpss is not there; mount it, or make it: mkdir -p \S+/,
      );
      assert.doesNotMatch(ran.out, /nothing to do|settled/);
      assert.equal(existsSync(world.at('hpss')), false);
    }
    await assertLooksTell(world, /store hpss: its root \S+\/hpss is not there; mount it, or make it/);
    await mkdir(world.at('hpss'));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'p17', 20);
    await assertNothingIsTold(world);
  });

  it('is told of when a file or a link to nothing stands there', async () => {
    await writeFile(world.at('hpss'), '');
    assert.match(told(await world.rereco('reconcile', '--dry-run')), /hpss is not a folder/);
    await rm(world.at('hpss'));
    await symlink('/no/such/disk', world.at('hpss'));
    assert.match(told(await world.rereco('reconcile', '--dry-run')), /hpss is a symbolic link to nothing/);
  });
});

describe('a disk that goes away after everything was done', function () {
  this.timeout(600_000);
  let world: World;
  let before: readonly unknown[];
  beforeEach(async () => {
    world = await aFolderOfFiles();
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    before = await movesOf(world);
    await rename(world.at('data'), world.at('away'));
  });
  afterEach(() => world.close());

  const looksAt = async (words: RegExp) => {
    for (const args of [['--dry-run'], []]) {
      const ran = await world.rereco('reconcile', ...args);
      assertEnded(ran, 1);
      assert.match(told(ran), words);
      assert.doesNotMatch(ran.out, /nothing to do|settled|gone/);
    }
    await assertLooksTell(world, words, 'a.txt');
    assert.deepEqual(await movesOf(world), before);
    assert.deepEqual([...new Set((await inputsOf(world)).map((file) => file.state))], ['done']);
    assert.deepEqual(await world.rows('SELECT file_id FROM input_states WHERE retired_ms IS NOT NULL'), []);
  };

  it('makes its files unknown while its root is missing', async () => {
    await looksAt(/store data: its root \S+ is not there/);
    assert.equal(existsSync(world.at('data')), false);
    await rename(world.at('away'), world.at('data'));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
  });

  it('makes its files unknown while an empty folder is in its place', async () => {
    await mkdir(world.at('data'));
    await looksAt(/store data has lost its marker .* is its disk mounted\?/);
    assert.deepEqual(await readdir(world.at('data')), []);
    await rm(world.at('data'), { recursive: true });
    await rename(world.at('away'), world.at('data'));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertNothingIsTold(world);
  });

  it('makes its files unknown while a disk of another installation is in its place', async () => {
    await world.write('data/.rereco/installation.json', '{"installation":"elsewhere","serial":3}\n');
    await looksAt(/store data belongs to the installation elsewhere/);
  });
});

describe('a spool that goes away', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aFolderOfFiles();
  });
  afterEach(async () => {
    await rm(world.at('wait'), { force: true });
    await world.close();
  });

  it('is not made anew, and its jobs are not taken for lost', async () => {
    await world.write('wait', '');
    await world.write('spec.yaml', ONE_FILE.replace('cp {input}', waiting(world, 'cp {input}')));
    await untilRunning(world);
    await rename(world.at('spool'), world.at('away'));
    for (const make of [async () => {}, () => mkdir(world.at('spool'))]) {
      await make();
      const ran = await world.rereco('reconcile');
      assertEnded(ran, 1);
      assert.match(told(ran), /spool: its root \S+ is not there|spool has lost its marker/);
      await assertLooksTell(world, /spool: its root \S+ is not there|spool has lost its marker/, 'a.txt');
    }
    assert.deepEqual(await readdir(world.at('spool')), []);
    await rm(world.at('spool'), { recursive: true });
    await rename(world.at('away'), world.at('spool'));
    await rm(world.at('wait'));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertNothingIsTold(world);
    const ends = await world.rows(
      "SELECT state FROM attempts WHERE phase = 'process' AND state <> 'accepted'",
    );
    assert.deepEqual(ends, []);
  });
});

describe('a disk that goes away under a running job', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aFolderOfFiles();
    const outside = ONE_FILE.replace('root: data}', 'root: data}\n    out: {driver: posix, root: out}');
    const stored = outside
      .replace('path: dst,', 'store: out, path: dst,')
      .replace('cp {input}', waiting(world, 'cp {input}'));
    await world.write('spec.yaml', stored.replace('job: {', 'job: {failures: [{log: ., class: data}], '));
    await mkdir(world.at('out'));
    await world.write('wait', '');
  });
  afterEach(async () => {
    await rm(world.at('wait'), { force: true });
    await world.close();
  });

  it('gets no output from it: the job fails where it delivers', async () => {
    await untilRunning(world);
    await rename(world.at('out'), world.at('away'));
    await rm(world.at('wait'));
    await until(180, async () => {
      const names = await readdir(world.at('spool/jobs'));
      return (
        names.length > 0 && names.every((name) => existsSync(world.at('spool/jobs', name, 'report-0.json')))
      );
    });
    assert.equal(existsSync(world.at('out')), false);
    await rename(world.at('away'), world.at('out'));
    await world.rereco('reconcile');
    const [failed] = await world.rows<{ reason: string }>(
      "SELECT reason FROM attempts WHERE state = 'failed'",
    );
    assert.match(failed?.reason ?? '', /an output did not reach its store/);
  });
});
