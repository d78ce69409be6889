/** Raw files that are still being written when they are first seen. */
import assert from 'node:assert/strict';
import { appendFileSync, utimesSync, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { assertBalanced, assertEnded, inputsOf, namesBelow, until } from '../campaign/questions.ts';
import { aWorld, type World } from '../campaign/world.ts';

const SPEC = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: grow}
spec:
  input: {files: "raw/*.txt", eventCount: {pattern: "^event"}, settleFor: 3s}
  job: {command: "./reco.sh {input} {output.dst}", eventsRead: {pattern: "^event"}}
  outputs: {dst: {name: "{stem}.dst", path: dst, eventsWritten: {pattern: "^event"}}}
`;
const LONG_AGO = new Date('2003-04-12T00:00:00Z');

describe('raw files that are still being written', function () {
  this.timeout(600_000);
  let world: World;
  let writer: NodeJS.Timeout | undefined;
  beforeEach(async () => {
    world = await aWorld('shared');
    await world.write('reco.sh', '#!/bin/sh\ncp "$1" "$2"\n', 0o755);
    await world.write('grow.yaml', SPEC);
    await world.write('raw/whole.txt', events(7));
  });
  afterEach(async () => {
    clearInterval(writer);
    await world.close();
  });

  /** Do it now, and ten times a second until the test is over. */
  function keepWriting(write: () => void): void {
    write();
    writer = setInterval(write, 100);
  }

  async function assertLeftOut(): Promise<void> {
    assert.deepEqual(
      (await inputsOf(world)).map(({ name }) => name),
      ['whole.txt'],
    );
    for (const command of ['status', 'errors']) {
      const { out } = await world.rereco(command);
      assert.match(out, /1 file is still being written: raw\/part\.txt/, out);
    }
    assertEnded(await world.rereco('status'), 3);
    assert.match((await world.rereco('errors')).out, /^no errors/);
    assert.match((await world.rereco('why', 'part.txt')).err, /raw\/part\.txt may still be written/);
  }

  it('are left out, told of, and processed once they are whole', async () => {
    keepWriting(() => appendFileSync(world.at('raw/part.txt'), 'event 1\n'));
    assertEnded(await world.rereco('reconcile'), 3);
    await assertLeftOut();

    clearInterval(writer);
    await world.write('raw/part.txt', events(100));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'grow', 107);
    assert.equal(await world.read('dst/part.dst'), events(100));
    assert.deepEqual(await world.rows('SELECT * FROM arrivals'), []);
  });

  it('are no members under the hidden names that some programs write them by', async () => {
    await world.write('grow.yaml', SPEC.replace('raw/*.txt', 'raw/*'));
    await world.write('raw/.part.txt.Xy12Zw', events(40));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await rm(world.at('raw/.part.txt.Xy12Zw'));
    await world.write('raw/part.txt', events(100));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'grow', 107);
  });

  it('are waited for by a command that goes on until all is settled', async () => {
    let left = 60;
    keepWriting(() => {
      if (left > 0) appendFileSync(world.at('raw/part.txt'), 'event 1\n');
      left -= 1;
    });
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'grow', 67);
  });

  it('are known by the time of the change where the size is there from the start', async () => {
    // A copy that keeps the times of its original says that nothing was changed for years.
    keepWriting(() => {
      writeFileSync(world.at('raw/part.txt'), events(3).padEnd(500, '\n'));
      utimesSync(world.at('raw/part.txt'), LONG_AGO, LONG_AGO);
    });
    assertEnded(await world.rereco('reconcile'), 3);
    await assertLeftOut();
  });

  it('are told by a dry run, which looks twice and changes nothing', async () => {
    keepWriting(() => appendFileSync(world.at('raw/part.txt'), 'event 1\n'));
    const first = await world.rereco('reconcile', '--dry-run');
    assertEnded(first, 3);
    assert.match(first.out, /1 file named, 1 new, 1 still being written/, first.out);
    assert.match(first.out, /1 file pending → transferred/);

    assertEnded(await world.rereco('reconcile'), 3);
    const before = await world.rows('SELECT * FROM arrivals');
    assertEnded(await world.rereco('reconcile', '--dry-run'), 3);
    assert.deepEqual(await world.rows('SELECT * FROM arrivals'), before);
  });

  it('are not taken for what they were where one that had vanished is brought again', async () => {
    await world.write('raw/part.txt', events(50));
    assertEnded(await world.rereco('reconcile', '--phase', 'transfer'), 3);
    await rm(world.at('raw/part.txt'));
    await world.rereco('reconcile', '--phase', 'verify');
    keepWriting(() => appendFileSync(world.at('raw/part.txt'), 'event 1\n'));
    assertEnded(await world.rereco('reconcile'), 3);
    const [part] = await inputsOf(world);
    assert.deepEqual([part?.name, part?.eventCount], ['part.txt', null]);

    clearInterval(writer);
    await world.write('raw/part.txt', events(60));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'grow', 67);
  });

  it('may be taken at once where the spec says that nobody writes in place', async () => {
    await world.write('grow.yaml', SPEC.replace('settleFor: 3s', 'settleFor: 0s'));
    await rename(world.at('raw/whole.txt'), world.at('raw/at-once.txt'));
    assertEnded(await world.rereco('reconcile', '--phase', 'transfer'), 3);
    assert.equal((await inputsOf(world)).length, 1);
    assert.deepEqual(await world.rows('SELECT * FROM arrivals'), []);
  });

  it('are looked at again by a watcher when they are due', async () => {
    let isWritten = false;
    keepWriting(() => {
      if (!isWritten) appendFileSync(world.at('raw/part.txt'), 'event 1\n');
    });
    const watcher = world.start('watch', '.', '--resync', '2');
    try {
      await until(180, async () => (await namesBelow(world, 'dst')).includes('whole.dst'));
      assert.deepEqual(
        (await inputsOf(world)).map(({ name }) => name),
        ['whole.txt'],
      );
      isWritten = true;
      await until(180, async () => (await namesBelow(world, 'dst')).includes('part.dst'));
    } finally {
      watcher.kill('SIGTERM');
      await watcher.ended;
    }
    assert.equal(await world.read('dst/part.dst'), await world.read('raw/part.txt'));
  });
});

const events = (count: number) => Array.from({ length: count }, (_, n) => `event ${n + 1}\n`).join('');
