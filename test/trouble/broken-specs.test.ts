/** Specs of which one is broken, or gone, beside others that are good. */
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { assertEnded, namesBelow } from '../campaign/questions.ts';
import { aWorld, type Ran, type World } from '../campaign/world.ts';

/** Room for one job in all, whoever's it is. */
const SITE = `apiVersion: rereco/v1
kind: Site
metadata: {name: narrow}
spec:
  stores: {disk: {driver: posix, root: .}}
  batch: {driver: local, options: {}, maxQueued: 1}
`;

const specOf = (name: string) => `apiVersion: rereco/v1
kind: Dataset
metadata: {name: ${name}}
spec:
  input: {settleFor: 0s, files: "raw/${name}-*.txt", eventCount: {pattern: "^EVENT"}}
  job: {command: "cp {input} {output.dst}", eventsRead: {pattern: "^EVENT"}}
  outputs:
    dst: {name: "{stem}.dst", eventsWritten: {pattern: "^EVENT"}}
`;

interface Standing {
  readonly name: string;
  readonly generation: number;
  readonly orphaned: boolean;
  readonly done: number;
}

const standings = (world: World) =>
  world.rows<Standing>(
    `SELECT t.name, t.generation, t.orphaned_ms IS NOT NULL AS orphaned,
       (SELECT count(*)::int FROM input_states s WHERE s.dataset_id = t.id AND s.state = 'done') AS done
     FROM datasets t ORDER BY t.name`,
  );
const standing = (name: string, fields: Partial<Standing> = {}): Standing => ({
  name,
  generation: 1,
  orphaned: false,
  done: 2,
  ...fields,
});

describe('a folder of specs of which one is broken', function () {
  this.timeout(600_000);
  let world: World;
  let ran: Ran;
  before(async () => {
    world = await aWorld('shared');
    for (const name of ['first', 'middle', 'last', 'pair']) {
      await world.write(`raw/${name}-1.txt`, 'EVENT 1\nEVENT 2\n');
      await world.write(`raw/${name}-2.txt`, 'EVENT 3\n');
      if (name !== 'pair') await world.write(`${name}.yaml`, specOf(name));
    }
    assertEnded(await world.rereco('reconcile', '--phase', 'transfer,verify', '--until', 'settled'), 3);

    await world.write('middle.yaml', specOf('middle').replace('command', 'comand'));
    await world.write(
      'pair.yaml',
      `${specOf('pair')}---\n${specOf('other').replace('kind: Dataset', 'kind: Dateset')}`,
    );
    ran = await world.rereco('reconcile', '--until', 'settled');
  });
  after(() => world.close());

  it('ends the program with the code of a user’s mistake', () => assertEnded(ran, 2));

  it('tells of each mistake with its place', () => {
    assert.match(ran.err, /middle\.yaml:6:\d+ spec\.job\.comand: unknown field; did you mean command\?$/m);
    assert.match(ran.err, /pair\.yaml:\d+:\d+ kind: /m);
  });

  it('works on the good ones, also beside a broken one in the same file', async () => {
    const good = (await standings(world)).filter(({ name }) => name !== 'middle');
    assert.deepEqual(good, [standing('first'), standing('last'), standing('pair')]);
  });

  it('works on the broken one as it last was good', async () => {
    const broken = (await standings(world)).filter(({ name }) => name === 'middle');
    assert.deepEqual(broken, [standing('middle')]);
  });

  it('makes a new generation of it once it is mended', async () => {
    await world.write('middle.yaml', specOf('middle').replace('cp ', 'cp -p '));
    await world.write('pair.yaml', specOf('pair'));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    const mended = (await standings(world)).filter(({ name }) => name === 'middle');
    assert.deepEqual(mended, [standing('middle', { generation: 2 })]);
  });

  describe('and from which another is then removed', () => {
    before(async () => {
      await rename(world.at('last.yaml'), world.at('last.yaml.away'));
      await world.write('raw/last-3.txt', 'EVENT 4\n');
      ran = await world.rereco('reconcile', '--until', 'settled');
    });

    it('orphans its dataset, and has the others settled', async () => {
      assertEnded(ran, 0);
      const orphans = (await standings(world)).filter(({ orphaned }) => orphaned);
      assert.deepEqual(orphans, [standing('last', { orphaned: true })]);
    });

    it('deletes nothing of it', async () => {
      assert.deepEqual(await namesBelow(world, 'dst'), [
        ...['first', 'last', 'middle', 'pair'].flatMap((name) => [`${name}-1.dst`, `${name}-2.dst`]),
      ]);
    });

    it('takes it up where it was once the file is back', async () => {
      await rename(world.at('last.yaml.away'), world.at('last.yaml'));
      assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
      const back = (await standings(world)).filter(({ name }) => name === 'last');
      assert.deepEqual(back, [standing('last', { done: 3 })]);
    });
  });
});

describe('a spec that is removed while its job runs', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await aWorld('shared');
    await world.write('site.yaml', SITE);
    await world.write('raw/early-1.txt', 'EVENT 1\n');
    await world.write('raw/late-1.txt', 'EVENT 1\n');
    const slow = `until [ -e '${world.at('go')}' ]; do sleep 0.1; done; cp `;
    await world.write('early.yaml', specOf('early').replace('cp ', slow));
    await world.rereco('reconcile', '--phase', 'transfer,verify', '--until', 'settled');
    await world.rereco('reconcile', '--phase', 'process');
    await rename(world.at('early.yaml'), world.at('early.yaml.away'));
    await world.write('late.yaml', specOf('late'));
    const running = world.start('reconcile', '--until', 'settled');
    await world.write('go', '');
    await running.ended;
  });
  after(() => world.close());

  it('has what was in motion followed to its end', async () => {
    assert.deepEqual((await standings(world))[0], standing('early', { orphaned: true, done: 1 }));
  });

  it('leaves its place in the queue to others', async () => {
    assert.deepEqual((await standings(world))[1], standing('late', { done: 1 }));
  });
});
