/** Files beside a good spec that hold what no spec may: every command goes on with the good one. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertEnded } from '../campaign/questions.ts';
import { aWorld, type Running, type World } from '../campaign/world.ts';

const SPEC = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: good}
spec:
  input: {settleFor: 0s, files: "raw/*.txt", eventCount: {pattern: "^EVENT"}}
  job: {command: "cp {input} {output.dst}", eventsRead: {pattern: "^EVENT"}}
  outputs:
    dst: {name: "{stem}.dst", path: dst, eventsWritten: {pattern: "^EVENT"}}
`;

const HEAD = 'apiVersion: rereco/v1\nkind: Dataset\nmetadata: {name: bad}\nspec:\n';

/** Each with the place and the words that are told of it. */
const TEXTS: readonly (readonly [string, string, RegExp])[] = [
  ['merge.yaml', `x: &x {a: b}\n---\n${HEAD}  <<: *x\n`, /merge\.yaml:7:7: .*no anchor &x/],
  ['text.yaml', `${HEAD}  <<: text\n`, /text\.yaml:5:7: .*<< takes a map/],
  ['nul.yaml', `${HEAD}  job: {command: "a\\0b"}\n`, /nul\.yaml:5:18: .*U\+0000/],
  [
    'kind.yaml',
    'apiVersion: rereco/v1\nkind: {toString: 1}\n',
    /kind\.yaml:2:1 kind: there is no kind a map/,
  ],
  ['half.yaml', `${HEAD}  job: {command: "\\uD800"}\n`, /half\.yaml:5:18: .*surrogate/],
];

/** Until it holds. Generous: the machine may be busy with other things. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 180_000; Date.now() < end; await sleep(100)) if (await holds()) return;
  assert.fail(`not within three minutes: ${what}`);
}

describe('a good spec with bad neighbours', function () {
  this.timeout(600_000);
  let world: World;
  let watcher: Running;
  const outputs = () => readdir(world.at('dst')).catch((): string[] => []);
  before(async () => {
    world = await aWorld('shared');
    await world.write('good.yaml', SPEC);
    await world.write('raw/one.txt', 'EVENT 1\n');
    watcher = world.start('watch', '--resync', '1');
    await until('the first output', async () => (await outputs()).includes('one.dst'));
  });
  after(async () => {
    watcher.kill('SIGTERM');
    await watcher.ended;
    await world.close();
  });

  it('is worked on by a watcher under which they appear', async () => {
    for (const [name, text] of TEXTS) await world.write(name, text);
    execFileSync('mkfifo', [world.at('pipe.yaml')]);
    await mkdir(world.at('folder.yaml'));
    await symlink('loop.yaml', world.at('loop.yaml'));
    await world.write('raw/two.txt', 'EVENT 2\n');
    await until('the output of a file that came later', async () => (await outputs()).includes('two.dst'));
  });

  it('is validated, and each neighbour is told with its place', async () => {
    const ran = await world.rereco('validate');
    assertEnded(ran, 2);
    for (const [, , told] of TEXTS) assert.match(ran.out, told);
    for (const name of ['pipe', 'folder', 'loop'])
      assert.match(ran.out, new RegExp(`${name}\\.yaml:1:1: is `));
    assert.match(ran.out, /^1 valid dataset, /m);
  });

  it('is reconciled', async () => {
    await world.write('raw/three.txt', 'EVENT 3\n');
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 2);
    assert.ok((await outputs()).includes('three.dst'));
  });

  it('is worked on by the same watcher when they are gone', async () => {
    const names = [...TEXTS.map(([name]) => name), 'pipe.yaml', 'folder.yaml', 'loop.yaml'];
    for (const name of names) await rm(world.at(name), { recursive: true });
    await world.write('raw/four.txt', 'EVENT 4\n');
    await until('the output of the last file', async () => (await outputs()).includes('four.dst'));
  });

  it('has files of any name, which are shown safely and can be asked for as they are shown', async () => {
    const names = ['-odd.txt', 'line\nfeed.txt', 'esc\u001b[2J.txt', '"quoted".txt', '007.txt'];
    const shown = ['-odd.txt', 'line\\nfeed.txt', 'esc\\x1b[2J.txt', '"quoted".txt', '007.txt'];
    for (const name of names) await world.write(`raw/${name}`, 'EVENT 1\n');
    await until('the last of their outputs', async () => {
      const made = await outputs();
      return names.every((name) => made.includes(name.replace('.txt', '.dst')));
    });
    const looks = [
      ['get', 'files', '--', ...shown],
      ...['-odd.txt', 'line\\nfeed.txt', 'esc\\x1b[2J.txt'].map((name) => ['why', '--', name]),
      ['history', '--', 'esc\\x1b[2J.txt'],
      ['logs', '--list', '--', '-odd.txt'],
    ];
    for (const words of looks) {
      const ran = await world.rereco(...words);
      assertEnded(ran, 0);
      assert.equal(ran.out.includes('\u001b'), false, ran.out);
    }
    const listed = (await world.rereco('get', 'files', '-o', 'name', '--kind', 'input')).out.split('\n');
    for (const name of shown) assert.ok(listed.includes(name), name);
    assertEnded(await world.rereco('clean', '--yes', '--', ...shown), 0);
  });

  it('is told of by the watcher: what failed for good, is stuck, is applied and is orphaned', async () => {
    const told = (level: string, words: RegExp) =>
      until(`${level}: ${words}`, async () =>
        watcher
          .printed()
          .out.split('\n')
          .some((line) => line.includes(`"level":"${level}"`) && words.test(line)),
      );
    await told('info', /good: generation 1 is applied: new \(not committed\)/);
    await told('info', /good: settled: every file is at its goal/);
    await world.write('raw/five.txt', '');
    await told('warn', /good verify: five\.txt failed for good \(data\): .*empty/);
    await told('error', /good: stuck: 1 file is in error for good/);
    await world.write('good.yaml', SPEC.replace('spec:', 'spec:\n  suspend: true'));
    await told('info', /good: generation 2 is applied: spec\.suspend changed/);
    await world.write('other.yaml', SPEC.replace('name: good', 'name: other').replace('raw/', 'none/'));
    await rm(world.at('good.yaml'));
    await told('error', /good is orphaned/);
  });
});
