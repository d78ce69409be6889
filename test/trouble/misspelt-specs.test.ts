/** A spec file that becomes something else while its dataset is at work: the dataset goes on, and it is told. */
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { assertEnded } from '../campaign/questions.ts';
import { aWorld, type World } from '../campaign/world.ts';

const SPEC = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: p17}
spec:
  input: {files: "raw/*.txt", eventCount: {pattern: "^EVENT"}}
  job: {command: 'cp {input} {output.dst}', eventsRead: {pattern: "^EVENT"}}
  outputs:
    dst: {name: "{stem}.dst", eventsWritten: {pattern: "^EVENT"}}
`;

const OTHER = SPEC.replace('name: p17', 'name: other')
  .replaceAll('raw/', 'raw2/')
  .replace('.dst"', '.other"');

describe('a spec file that holds its dataset no more', function () {
  this.timeout(600_000);
  let world: World;
  let raw = 1;
  before(async () => {
    world = await aWorld('shared');
    await world.write('other.yaml', OTHER);
    await world.write('p17.yaml', SPEC);
    await world.write('raw/0.txt', 'EVENT 1\n');
    await world.write('raw2/0.txt', 'EVENT 1\n');
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
  });
  after(() => world.close());

  const orphans = () =>
    world.rows<{ name: string }>('SELECT name FROM datasets WHERE orphaned_ms IS NOT NULL');
  const files = async () => {
    const [row] = await world.rows<{ files: number }>(
      `SELECT count(*)::int AS files FROM input_states s JOIN datasets t ON t.id = s.dataset_id WHERE t.name = 'p17'`,
    );
    return row?.files;
  };

  const spoilt: readonly (readonly [string, string, RegExp])[] = [
    [
      'a misspelt version',
      SPEC.replace('rereco/v1', 'rerecco/v1'),
      /1:13 apiVersion: .*did you mean rereco\/v1\?/,
    ],
    [
      'a version in capitals',
      SPEC.replace('rereco/v1', 'Rereco/V1'),
      /1:13 apiVersion: .*did you mean rereco\/v1/,
    ],
    [
      'a version without a number',
      SPEC.replace('rereco/v1', 'rereco'),
      /1:13 apiVersion: .*did you mean rereco\/v1/,
    ],
    [
      'the version of another program',
      SPEC.replace('rereco/v1', 'v1'),
      /1:13 apiVersion: v1 is none of ours/,
    ],
    [
      'a misspelt version and kind',
      SPEC.replace('rereco/v1', 'v1').replace('Dataset', 'Set'),
      /1:13 apiVersion: v1 is none of ours/,
    ],
    [
      'a misspelt name of the version',
      SPEC.replace('apiVersion', 'apiVerson'),
      /1:1 apiVerson: .*did you mean apiVersion/,
    ],
    ['a later version', SPEC.replace('rereco/v1', 'rereco/v2'), /1:13 apiVersion: must be rereco\/v1/],
    ['a kind in small letters', SPEC.replace('Dataset', 'dataset'), /2:7 kind: .*did you mean Dataset\?/],
    ['no kind', SPEC.replace('kind: Dataset\n', ''), /1:1 kind: is missing/],
    [
      'a misspelt field for the name',
      SPEC.replace('{name', '{nam'),
      /3:12 metadata\.nam: unknown field; did you mean name/,
    ],
    ['nothing', '', /1:1: the file is empty/],
    ['comments only', SPEC.replace(/^/gm, '# '), /1:1: the file is empty/],
    ['empty documents', '---\n---\n', /1:1: the file is empty/],
    [
      'a document of another program',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n',
      /1:13 apiVersion: v1 is none of ours; .*has held dataset p17/,
    ],
    [
      'another name for the same',
      SPEC.replace('name: p17', 'name: p18'),
      /metadata\.name: .*`rereco dataset rename p17 p18`.*\(the spec in force of p17 stays\)/,
    ],
  ];
  for (const [what, text, told] of spoilt) {
    it(`is told of when it holds ${what}, and the dataset goes on as it was`, async () => {
      await world.write('p17.yaml', text);
      const validated = await world.rereco('validate');
      // What a name was before, only a reconcile knows.
      assertEnded(validated, what.startsWith('another name') ? 0 : 2);
      await world.write(`raw/${raw++}.txt`, 'EVENT 1\n');
      // Members are asked for in any phase.
      const ran = await world.rereco('reconcile', '--phase', 'archive');
      assertEnded(ran, 2);
      assert.match(ran.err, told);
      assert.deepEqual(await orphans(), []);
      assert.equal(await files(), raw);
    });
  }

  it('orphans the dataset where the file is gone, and says so', async () => {
    await rename(world.at('p17.yaml'), world.at('p17.yaml.bak'));
    const ran = await world.rereco('reconcile', '--until', 'settled');
    assertEnded(ran, 0);
    assert.match(ran.err, /^p17 is orphaned, no new work is begun for it: its file .*p17\.yaml is gone/m);
    assert.deepEqual(await orphans(), [{ name: 'p17' }]);
  });

  it('takes it up again where the file is back', async () => {
    await world.write('p17.yaml', SPEC);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    assert.deepEqual(await orphans(), []);
  });

  it('names the way back where the file asks for another dataset instead', async () => {
    const another = OTHER.replace('name: other', 'name: p19')
      .replaceAll('raw2/', 'raw3/')
      .replace('.other"', '.p19"');
    await world.write('raw3/0.txt', 'EVENT 1\n');
    await world.write('p17.yaml', another);
    const ran = await world.rereco('reconcile', '--until', 'settled');
    assertEnded(ran, 0);
    assert.match(ran.err, /^p17 is orphaned.*asks for p19 now; .*`rereco dataset rename p17 p19`/m);
  });
});

describe('a site whose document is misspelt', function () {
  this.timeout(600_000);
  const SITE = `apiVersion: rereco/v1\nkind: Site\nmetadata: {name: here}\nspec:\n  stores: {disk: {driver: posix, root: data}}\n`;
  let world: World;
  before(async () => {
    world = await aWorld('shared');
    await world.write('spec.yaml', SPEC);
    await world.write('raw/0.txt', 'EVENT 1\n');
  });
  after(() => world.close());

  for (const [from, to] of [
    ['rereco/v1', 'rereko/v1'],
    ['rereco/v1', 'v1'],
    ['Site', 'Sites'],
    ['kind: Site', 'kind: Place'],
    ['stores: {', 'stores: {['],
  ] as const) {
    it(`leaves no dataset to the built-in one: ${to} for ${from}`, async () => {
      await world.write('site.yaml', SITE.replace(from, to));
      const ran = await world.rereco('reconcile');
      assertEnded(ran, 2);
      assert.match(
        ran.err,
        /spec\.site: which site is meant cannot be said, because .*site\.yaml cannot be read/,
      );
    });
  }
});
