/** What holds work back on purpose: suspension, scouts, a limit of jobs, too many failures. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { assertBalanced, assertEnded, namesBelow } from '../campaign/questions.ts';
import { inOneLine } from '../campaign/troubles.ts';
import { aWorld, type Ran, type World } from '../campaign/world.ts';

const SITE = `apiVersion: rereco/v1
kind: Site
metadata: {name: here}
spec:
  stores: {disk: {driver: posix, root: .}}
  batch: {driver: local, options: {slots: 6}}
`;

const datasetOf = (name: string, more: string) => `---
apiVersion: rereco/v1
kind: Dataset
metadata: {name: ${name}}
spec:
  input: {settleFor: 0s, files: "raw/${name}-*.txt", eventCount: {pattern: "^EVENT"}}
  job:
    command: ./work.sh {input} {output.dst}
    eventsRead: {pattern: "^EVENT"}
    failures: [{exitCode: 3, class: data}]
  outputs:
    dst: {name: "{stem}.dst", eventsWritten: {pattern: "^EVENT"}}
  ${more}
`;

const FILES = { alone: 3, failing: 8, paused: 2, scouted: 5 };
const PAUSED = datasetOf('paused', 'suspend: true');
const OTHERS = [
  SITE,
  datasetOf('alone', 'limits: {jobs: 1}'),
  datasetOf('failing', 'limits: {jobs: 2, maxFailedShare: 50%}'),
  datasetOf('scouted', 'limits: {scouts: 2}'),
].join('');

/** Notes when it begins and ends; fails on one dataset's files while the world says so. */
const workOf = (world: World) => `#!/bin/sh
name=$(basename "$1" .txt)
echo "begin $name" >>'${world.at('work.log')}'
sleep 0.3
echo "end $name" >>'${world.at('work.log')}'
case $name in failing-*) [ ! -e '${world.at('broken')}' ] || exit 3 ;; esac
cp "$1" "$2"
`;

/** What work noted of one dataset, as in `begin 1`. */
async function noted(world: World, name: string): Promise<readonly string[]> {
  const lines = (await world.read('work.log')).trim().split('\n');
  return lines.filter((line) => line.includes(` ${name}-`)).map((line) => line.replace(`${name}-`, ''));
}

const begunOf = async (world: World, name: string) =>
  (await noted(world, name)).filter((line) => line.startsWith('begin'));

describe('a campaign that is held back', function () {
  this.timeout(600_000);
  let world: World;
  let ran: Ran;
  before(async () => {
    world = await aWorld('shared');
    for (const [name, count] of Object.entries(FILES)) {
      for (let n = 1; n <= count; n += 1) await world.write(`raw/${name}-${n}.txt`, `EVENT ${n}\n`);
    }
    await world.write('work.sh', workOf(world), 0o755);
    await world.write('broken', '');
    await world.write('specs.yaml', `${OTHERS}${PAUSED}`);
    ran = await world.rereco('reconcile', '--until', 'settled');
  });
  after(() => world.close());

  it('ends with work that remains', () => assertEnded(ran, 3));

  it('begins nothing of a dataset that is suspended, and says so', async () => {
    assert.deepEqual(await begunOf(world, 'paused'), []);
    assert.deepEqual(
      await world.rows(
        "SELECT * FROM attempts a JOIN datasets t ON t.id = a.dataset_id WHERE t.name = 'paused'",
      ),
      [],
    );
    assert.match(ran.out, /^paused: suspended in its spec/m);
  });

  it('runs one job at a time where one is the limit', async () => {
    const alone = await noted(world, 'alone');
    assert.deepEqual(
      alone.map((line) => line.split(' ')[0]),
      ['begin', 'end', 'begin', 'end', 'begin', 'end'],
    );
  });

  it('begins other files only when the scouts are through', async () => {
    const scouted = await noted(world, 'scouted');
    assert.deepEqual(
      scouted
        .slice(0, 4)
        .map((line) => line.split(' ')[0])
        .sort(),
      ['begin', 'begin', 'end', 'end'],
    );
    assert.equal((await begunOf(world, 'scouted')).length, FILES.scouted);
  });

  it('submits no more of a dataset of which too many files fail', async () => {
    const begun = (await begunOf(world, 'failing')).length;
    assert.ok(begun >= 5 && begun < FILES.failing, `${begun} files were tried`);
    assert.match(inOneLine(ran.out), /failing: .*limits\.maxFailedShare/);
    assert.match(
      (await world.rereco('status')).out,
      /^failing: held since .* by rereco \(held\.failures\): /m,
    );
  });

  it('goes on once the suspension ends and what failed is put right and cleaned', async () => {
    await world.write('specs.yaml', `${OTHERS}${PAUSED.replace('true', 'false')}`);
    await rm(world.at('broken'));
    assertEnded(await world.rereco('clean', '--dataset', 'failing', '--yes'), 0);
    const holds = await world.rows('SELECT code, begun_by, ended, ended_because FROM holds');
    const ended = { begun_by: 'rereco', ended: 'over', ended_because: 'cleaned' };
    assert.deepEqual(holds, [{ code: 'held.failures', ...ended }]);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    const outputs = await namesBelow(world, 'dst');
    assert.equal(
      outputs.length,
      Object.values(FILES).reduce((sum, count) => sum + count, 0),
    );
    await assertBalanced(world, 'failing', FILES.failing);
  });
});
