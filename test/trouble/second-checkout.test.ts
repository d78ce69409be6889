/** One repository of specs in several checkouts: a campaign goes on from each of them. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { assertEnded } from '../campaign/questions.ts';
import { aWorld, type World } from '../campaign/world.ts';

const site = (folder: string) => `apiVersion: rereco/v1
kind: Site
metadata: {name: here}
spec:
  stores: {disk: {driver: posix, root: ${folder}/data}}
`;

const DATASET = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: p17}
spec:
  site: here
  input: {files: "raw/*.txt", settleFor: 0s, eventCount: {pattern: "^EVENT"}}
  job: {command: 'cp {input} {output.dst}', eventsRead: {pattern: "^EVENT"}}
  outputs:
    dst: {name: "{stem}.dst", eventsWritten: {pattern: "^EVENT"}}
`;

/** The suite needs Node only: without git there are no checkouts. */
const GIT_IS_HERE = spawnSync('git', ['--version']).status === 0;

describe('a repository of specs', function () {
  this.timeout(240_000);
  let world: World;
  before(async function () {
    if (!GIT_IS_HERE) {
      console.log('      skipped: there is no git here');
      this.skip();
    }
    world = await aWorld('shared');
    await world.write('data/raw/a.txt', 'EVENT 1\n');
    await world.write('one/here.yaml', site(world.folder));
    await world.write('one/p17.yaml', DATASET);
    git('one', 'init');
    git('one', 'add', '.');
    git('one', 'commit', '-m', 'first');
    git('one', 'clone', '.', world.at('two'));
    assertEnded(await world.rereco('reconcile', 'one', '--until', 'settled'), 0);
  });
  after(() => world?.close());

  const git = (checkout: string, ...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], {
      cwd: world.at(checkout),
      stdio: 'ignore',
    });
  const standing = async () => {
    const [row] = await world.rows<{ file: string; generation: number; orphaned: boolean; attempts: number }>(
      `SELECT t.source_file AS file, t.generation, t.orphaned_ms IS NOT NULL AS orphaned,
         (SELECT count(*)::int FROM attempts WHERE phase = 'process') AS attempts FROM datasets t`,
    );
    return row;
  };
  const as = (file: string, others = {}) => ({
    file: world.at(file),
    generation: 1,
    orphaned: false,
    attempts: 1,
    ...others,
  });

  it('goes on from a second checkout under the same generation', async () => {
    assertEnded(await world.rereco('reconcile', 'two', '--until', 'settled'), 0);
    assert.deepEqual(await standing(), as('two/p17.yaml'));
    assertEnded(await world.rereco('reconcile', 'one', '--until', 'settled'), 0);
    assert.deepEqual(await standing(), as('one/p17.yaml'));
  });

  it('orphans nothing from a checkout of another day while the one on record asks for it', async () => {
    await rename(world.at('two/p17.yaml'), world.at('two/p17.txt'));
    const ran = await world.rereco('reconcile', 'two');
    assert.doesNotMatch(ran.out + ran.err, /p17.*orphaned|asks for it no more/);
    assert.equal((await standing())?.orphaned, false);
    await rename(world.at('two/p17.txt'), world.at('two/p17.yaml'));
  });

  it('goes on from a checkout that was moved, and notices there that a spec is broken, and gone', async () => {
    await rename(world.at('one'), world.at('moved'));
    await world.write('moved/p17.yaml', 'apiVersion: rereco/v1\nkind: Dataset\n');
    assertEnded(await world.rereco('reconcile', 'moved'), 2);
    assert.equal((await standing())?.orphaned, false);
    git('moved', 'checkout', '.');
    assertEnded(await world.rereco('reconcile', 'moved', '--until', 'settled'), 0);
    assert.deepEqual(await standing(), as('moved/p17.yaml'));
    await rename(world.at('moved'), world.at('again'));
    await rm(world.at('again/p17.yaml'));
    await world.rereco('reconcile', 'again');
    assert.equal((await standing())?.orphaned, true);
    git('again', 'checkout', '.');
    assertEnded(await world.rereco('reconcile', 'again', '--until', 'settled'), 0);
    assert.deepEqual(await standing(), as('again/p17.yaml'));
  });
});
