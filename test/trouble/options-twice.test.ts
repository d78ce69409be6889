/** Options given twice, empty, or with names that nothing has: a filter never means everything. */
import assert from 'node:assert/strict';
import { assertEnded } from '../campaign/questions.ts';
import { aWorld, type World } from '../campaign/world.ts';

const specOf = (name: string, command: string) => `apiVersion: rereco/v1
kind: Dataset
metadata: {name: ${name}}
spec:
  input: {files: "${name}/*.txt", eventCount: {pattern: "^EVENT"}}
  job: {command: '${command}', eventsRead: {pattern: "^EVENT"}}
  outputs:
    dst: {name: "{stem}.${name}", eventsWritten: {pattern: "^EVENT"}}
  retry: {process: {attempts: 1}}
`;

const FAIL =
  'case {stem} in x) exit 11;; y) exit 0;; esac; echo EVENT 1 > {output.dst}; echo EVENT 2 >> {output.dst}';

interface Cleaned {
  readonly selected: readonly { readonly name: string }[];
}

describe('options and arguments', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await aWorld('shared');
    for (const name of ['x', 'y', 'z']) {
      await world.write(`one/${name}.txt`, 'EVENT 1\n');
      await world.write(`two/${name}.txt`, 'EVENT 1\n');
    }
    await world.write('one.yaml', specOf('one', FAIL));
    await world.write('two.yaml', specOf('two', FAIL));
    const args = ['--phase', 'transfer', '--phase', 'verify,transfer', '--until', 'settled'];
    assertEnded(await world.rereco('reconcile', ...args), 3);
  });
  after(() => world.close());

  it('takes phases that are given apart for these phases together', async () => {
    assert.deepEqual(await world.json('get', 'jobs'), []);
    assert.match((await world.rereco('get', 'files')).out, /verified/);
  });

  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [['reconcile', '--phase', ''], /--phase has no value/],
    [['reconcile', '--phase', 'verify', '--phase', 'nosuch'], /there is no phase nosuch/],
    [['reconcile', '--phase', 'verify,'], /there is no phase without a name/],
    [['reconcile', '--dry-run=1'], /--dry-run takes no value/],
    [['reconcile', '-o', 'json', '-o', 'text'], /--output was given twice/],
    [['reconcile', ''], /an argument is empty/],
    [['reconcile', '--phase.x=verify'], /no option --phase\.x; did you mean --phase\?/],
    [['clean', '--dataset', 'nosuch', '--yes'], /there is no dataset nosuch/],
    [['clean', '--dataset', 'one', '--dataset', 'nosuch', '--yes'], /there is no dataset nosuch/],
    [['clean', '--dataset', 'one', '--group', '', '--yes'], /--group has no value/],
    [['clean', '--dataset', 'one', '--yes', '--yes'], /--yes was given twice/],
    [['clean', 'nosuch.txt', '--yes'], /there is no file nosuch\.txt/],
    [['clean', '--files', 'x.txt', '--yes'], /--files is no option/],
    [['clean', 'one', '--yes'], /there is no file one, but a dataset: --dataset one names it/],
    [['clean', '-ojsn', '--dataset', 'one'], /-o jsn: did you mean json\?/],
    [['claen', '--dataset', 'one'], /there is no command claen; did you mean clean\?/],
    [['get', 'file', 'x.tx'], /there is no file x\.tx; did you mean x\.txt\?/],
    [['get', 'job', 'x.txt'], /there is no job x\.txt/],
    [['get', 'fils'], /there is no `rereco get fils`; did you mean files\?/],
    [['get', 'files', '--limt', '3'], /get has no option --limt; did you mean --limit\?/],
    [['settle', 'r1-abc-1', 'lost'], /--because is missing/],
    [['reconcile', 'a'.repeat(300)], /a name that is too long/],
    [['get', 'files', '--dataset', 'nosuch', '--dataset', 'neither'], /there is no dataset nosuch/],
    [['get', 'files', '--limit', 'abc'], /--limit abc: write a whole number/],
    [['get', 'files', '--state', 'verifed'], /did you mean verified/],
    [['get', 'datasets', '--state', 'error'], /get datasets has no --state/],
    [['get', 'jobs', '--kind', 'input'], /get jobs has no --kind/],
    [['why', 'x.txt', '--dataset', 'one', '--dataset', 'two'], /--dataset was given twice/],
    [['why', 'x.txt', '--dataset', 'nosuch'], /there is no dataset nosuch/],
    [['history', 'x.txt', 'y.txt'], /unknown argument: y\.txt/i],
    [['status', 'nosuch'], /there is no dataset nosuch/],
    [['status', '--', 'nosuch'], /there is no dataset nosuch/],
    [['status', '--', '-nosuch'], /there is no dataset -nosuch/],
    [['reconcile', '--', 'nosuch.yaml'], /nosuch\.yaml:1:1: does not exist/],
    [['watch', '--', '-nosuch'], /-nosuch does not exist/],
    [['watch', '--resync', 'soon'], /--resync soon: write a whole number/],
    [['watch', 'nosuch'], /nosuch does not exist/],
  ];
  for (const [args, said] of mistakes) {
    it(`refuses rereco ${args.map((arg) => arg || "''").join(' ')}`, async () => {
      const ran = await world.rereco(...args);
      assertEnded(ran, 2);
      assert.match(ran.err, said);
    });
  }

  describe('when jobs have failed in several ways', () => {
    const clean = async (...args: string[]) => {
      const { selected } = (await world.json('clean', ...args, '--yes')) as Cleaned;
      return selected.map(({ name }) => name);
    };
    before(async () => {
      assertEnded(await world.rereco('reconcile', '--until', 'settled'), 3);
    });

    it('lists those of several datasets and states', async () => {
      const of = async (...args: string[]) =>
        ((await world.json('get', 'files', ...args)) as readonly unknown[]).length;
      assert.equal(await of('--dataset', 'one', '--dataset', 'two', '--state', 'error'), 6);
      assert.equal(await of('--dataset', 'one', '--state', 'done', '--state', 'error'), 3);
      assert.equal(await of('--dataset', 'one', '--state', 'done', '--state', 'pending'), 0);
    });

    it('cleans nothing where no group fits', async () => {
      assert.deepEqual(
        await clean('--dataset', 'one', '--group', 'nothing like it', '--group', 'nor this'),
        [],
      );
    });

    it('cleans what fits one of several groups, and no more', async () => {
      const groups = ['--group', 'no output', '--group', 'exit 11', '--group', 'nothing like it'];
      assert.deepEqual(await clean('--dataset', 'one', ...groups), ['x.txt', 'y.txt']);
    });

    it('cleans what is left of several datasets', async () => {
      const names = await clean('--dataset', 'one', '--dataset', 'two');
      assert.deepEqual(names, ['z.txt', 'x.txt', 'y.txt', 'z.txt']);
    });
  });
});
