/** Commands that read no folder of specs, after a spec has changed: it is applied first, or named. */
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { assertEnded } from '../campaign/questions.ts';
import { aWorld, type World } from '../campaign/world.ts';

const SITE = `apiVersion: rereco/v1
kind: Site
metadata: {name: here}
spec:
  stores: {disk: {driver: posix, root: ..}}
`;

const specOf = (command: string) => `apiVersion: rereco/v1
kind: Dataset
metadata: {name: p17}
spec:
  site: here
  input: {files: "raw/*.txt", eventCount: {pattern: "^EVENT"}}
  job: {command: '${command}', eventsRead: {pattern: "^EVENT"}}
  outputs:
    dst: {name: "{stem}.dst", eventsWritten: {pattern: "^EVENT"}}
  retry: {process: {attempts: 1}}
`;

interface Attempts {
  readonly attempts: number;
  readonly generation: number;
  readonly state: string;
}

describe('a spec that was put right after its jobs failed', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aWorld('shared');
    // The site lies apart from the spec: which file that was is on record.
    await world.write('sites/here.yaml', SITE);
    await world.write('specs/p17.yaml', specOf('exit 3'));
    await world.write('raw/a.txt', 'EVENT 1\n');
    assertEnded(await world.rereco('reconcile', 'specs', 'sites', '--until', 'settled'), 3);
  });
  afterEach(() => world.close());

  const standing = async () => {
    const [row] = await world.rows<Attempts>(
      `SELECT s.attempt AS attempts, t.generation, s.state FROM input_states s JOIN datasets t ON t.id = s.dataset_id`,
    );
    return row;
  };

  it('is applied first by resubmit, which says so and runs the new command', async () => {
    await world.write('specs/p17.yaml', specOf('cp {input} {output.dst}'));
    assert.match(
      (await world.rereco('status')).out,
      /p17: its spec has changed since generation 1 was applied/,
    );
    assert.match(
      (await world.rereco('why', 'a.txt')).out.replaceAll(/\s+/g, ' '),
      /its spec has changed since/,
    );
    const ran = await world.rereco('resubmit', '--dataset', 'p17', '--yes');
    assertEnded(ran, 0);
    assert.match(
      ran.out,
      /^p17: its spec has changed since generation 1 .*p17\.yaml\): it is applied first$/m,
    );
    assert.match(ran.out, /^p17: its spec is applied: generation 2 is in force$/m);
    assertEnded(await world.rereco('reconcile', 'specs', 'sites', '--until', 'settled'), 0);
    assert.equal((await standing())?.generation, 2);
    assert.doesNotMatch((await world.rereco('status')).out, /its spec/);
  });

  it('is applied first where only its site has changed', async () => {
    await world.write('sites/here.yaml', `${SITE}  batch: {driver: local, options: {}, maxQueued: 7}\n`);
    const ran = await world.rereco('clean', 'a.txt', '--yes', '-o', 'json');
    assertEnded(ran, 0);
    assert.deepEqual(JSON.parse(ran.out).applied, [{ dataset: 'p17', generation: 2 }]);
  });

  it('is not applied where a person only looks at what would be cleaned', async () => {
    await world.write('specs/p17.yaml', specOf('cp {input} {output.dst}'));
    const ran = await world.rereco('clean', '--dataset', 'p17');
    assertEnded(ran, 2);
    assert.match(ran.out, /it is applied first/);
    assert.equal((await standing())?.generation, 1);
  });

  const lost: readonly (readonly [string, (world: World) => Promise<void>, RegExp])[] = [
    [
      'is gone',
      (w) => rename(w.at('specs/p17.yaml'), w.at('specs/p17.bak')),
      /p17\.yaml:1:1: does not exist/,
    ],
    ['is invalid', (w) => w.write('specs/p17.yaml', specOf('cp {inptu} x')), /unknown placeholder \{inptu\}/],
    [
      'holds another dataset',
      (w) => w.write('specs/p17.yaml', specOf('true').replace('p17', 'p18')),
      /asks for it no more/,
    ],
    [
      'is refused',
      (w) => w.write('specs/p17.yaml', specOf('true').replace('site: here', 'requestId: 77')),
      /spec\.requestId: is 1 for ever/,
    ],
    [
      'has lost its site',
      (w) => rename(w.at('sites/here.yaml'), w.at('sites/here.bak')),
      /here\.yaml:1:1: does not exist|no site here/,
    ],
  ];
  for (const [what, spoil, told] of lost) {
    it(`stops clean and resubmit before they do anything where it ${what}, unless they are told to go on`, async () => {
      await spoil(world);
      for (const verb of ['clean', 'resubmit']) {
        const ran = await world.rereco(verb, '--dataset', 'p17', '--yes');
        assertEnded(ran, 2);
        assert.match(ran.err, told);
        assert.match(ran.err, /nothing was done: put the spec right, or add --as-recorded/);
      }
      assert.equal((await standing())?.state, 'error');
      assertEnded(await world.rereco('clean', '--dataset', 'p17', '--yes', '--as-recorded'), 0);
      assert.deepEqual([(await standing())?.state, (await standing())?.generation], ['verified', 1]);
    });
  }
});
