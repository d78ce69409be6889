/** A dataset that is given another name, and one that gives up its places. */
import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { until } from '../campaign/questions.ts';
import { aWorld, type World } from '../campaign/world.ts';

const events = (count: number) =>
  Array.from({ length: count }, (_, event) => `event ${String(event).padStart(6, '0')}\n`).join('');

/** Its command never writes the same bytes twice. */
const dataset = (name: string, input = 'raw/*') => `apiVersion: rereco/v1
kind: Dataset
metadata: {name: ${name}}
spec:
  input: {files: "${input}", settleFor: 0s, eventCount: {pattern: "^event"}}
  job: {command: 'cp {input} {output.dst}; date +%N >> {output.dst}', eventsRead: {pattern: "^event"}}
  outputs: {dst: {name: "{stem}.dst", eventsWritten: {pattern: "^event"}}}
  retry: {process: {attempts: 1, first: 1s, longest: 1s}}
`;

describe('a dataset on record', function () {
  this.timeout(240_000);
  let world: World;
  beforeEach(async () => {
    world = await aWorld('shared');
    await world.write('raw/a.txt', events(3));
    await world.write('p17.yaml', dataset('p17'));
    const first = await settle();
    assert.equal(first.code, 0, first.told);
  });
  afterEach(() => world.close());

  const settle = async () => {
    const { code, out, err } = await world.rereco('reconcile', '--until', 'settled');
    return { code, told: out + err };
  };
  const attempts = async () => {
    const [row] = await world.rows<{ n: number }>(
      "SELECT count(*)::int AS n FROM attempts WHERE phase = 'process'",
    );
    return row?.n;
  };
  const names = async () =>
    (await world.rows<{ name: string }>('SELECT name FROM datasets ORDER BY id')).map(({ name }) => name);

  it('goes on under its new name with all that it has done, whichever is changed first', async () => {
    const before = await world.read('dst/a.dst');
    await world.write('p17.yaml', dataset('p17-reprocessing'));
    const refused = await settle();
    assert.notEqual(refused.code, 0);
    assert.match(refused.told, /rereco dataset rename p17 p17-reprocessing/);

    const renamed = await world.rereco('dataset', 'rename', 'p17', 'p17-reprocessing');
    assert.equal(renamed.code, 0, renamed.out + renamed.err);
    await world.write('raw/b.txt', events(4));
    const settled = await settle();
    assert.equal(settled.code, 0, settled.told);
    assert.deepEqual([await names(), await attempts()], [['p17-reprocessing'], 2]);
    assert.equal(await world.read('dst/a.dst'), before);
    assert.match((await world.rereco('history', 'p17-reprocessing')).out, /renamed\s+from\s+p17/);

    assert.equal((await world.rereco('dataset', 'rename', 'p17-reprocessing', 'p18')).code, 0);
    const old = await settle();
    assert.match(
      old.told,
      /rereco dataset rename p18 p17-reprocessing/,
      'nothing is made under the old name',
    );
    await world.write('p17.yaml', dataset('p18'));
    assert.equal((await settle()).code, 0);
    assert.deepEqual([await names(), await attempts()], [['p18'], 2]);
  });

  it('takes over its name from one that was made in its place and has done nothing', async () => {
    // With another input it is no mere change of name, so that nothing refuses it.
    await world.write('p17.yaml', dataset('p18', 'raw/*.txt'));
    const waits = await settle();
    assert.equal(waits.code, 3, waits.told);
    assert.match(
      (await world.rereco('errors', 'p18')).out,
      /dataset rename p17\s+p18|dataset\s+rename p17 p18/,
    );
    const renamed = await world.rereco('dataset', 'rename', 'p17', 'p18');
    assert.equal(renamed.code, 0, renamed.out + renamed.err);
    const settled = await settle();
    assert.equal(settled.code, 0, settled.told);
    assert.deepEqual([await names(), await attempts()], [['p18', 'p18.2'], 1]);

    await world.write('p19.yaml', dataset('p19').replace('{stem}', '{stem}-19'));
    assert.equal((await settle()).code, 0);
    const refused = await world.rereco('dataset', 'rename', 'p18', 'p19');
    assert.deepEqual([refused.code, await names()], [2, ['p18', 'p18.2', 'p19']]);
    assert.match(refused.err, /there is a dataset p19, and it has 1 output/);
  });

  it('is renamed beside a watcher, which goes on and takes up the spec under the new name', async () => {
    await world.write('raw/b.txt', events(4));
    const watching = world.start('watch');
    await until(180, async () => (await readdir(world.at('dst'))).includes('b.dst'));
    const renamed = await world.rereco('dataset', 'rename', 'p17', 'p18');
    assert.equal(renamed.code, 0, renamed.out + renamed.err);
    await world.write('raw/c.txt', events(5));
    await world.write('p17.yaml', dataset('p18'));
    await until(180, async () => (await readdir(world.at('dst'))).includes('c.dst'));
    watching.kill('SIGTERM');
    const { code, err } = await watching.ended;
    assert.deepEqual([code === 1, await names()], [false, ['p18']], err);
  });

  it('gives up its places only once no spec asks for it, and for good', async () => {
    const early = await world.rereco('dataset', 'release', 'p17', '--because', 'a test');
    assert.deepEqual([early.code, /remove that spec/.test(early.err)], [2, true], early.err);
    assert.equal((await world.rereco('dataset', 'release', 'p17')).code, 2);

    await rm(world.at('p17.yaml'));
    await world.write('p18.yaml', dataset('p18'));
    const waits = await settle();
    assert.equal(waits.code, 3, waits.told);
    const released = await world.rereco('dataset', 'release', 'p17', '--because', 'it was a test');
    assert.equal(released.code, 0, released.out + released.err);
    assert.match(released.out, /p17 has given up 2 places/);
    assert.match((await world.rereco('history', 'p17')).out, /released\s+by .*it\s+was\s+a\s+test/);

    // Its file stays, and is overwritten by nobody.
    const before = await world.read('dst/a.dst');
    const taken = await settle();
    assert.equal(taken.code, 3, taken.told);
    assert.equal(await world.read('dst/a.dst'), before);
    await rm(world.at('dst/a.dst'));
    await world.rereco('clean', '--dataset', 'p18', '--yes');
    const settled = await settle();
    assert.equal(settled.code, 0, settled.told);

    await world.write('p17.yaml', dataset('p17'));
    const back = await settle();
    assert.equal(back.code, 2, back.told);
    assert.match(back.told, /has given up its places for good/);
  });
});
