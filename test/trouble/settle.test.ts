/** A job that was started elsewhere, by a machine that is gone: nobody can see what became of it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { until } from '../campaign/questions.ts';
import { inOneLine, processesOf } from '../campaign/troubles.ts';
import { aWorld, type World } from '../campaign/world.ts';

const SPEC = `apiVersion: rereco/v1
kind: Site
metadata: {name: here}
spec:
  spool: {path: spool}
  stores: {disk: {driver: posix, root: .}}
  batch: {driver: local, options: {slots: 1}}
  unknownAfter: 1s
---
apiVersion: rereco/v1
kind: Dataset
metadata: {name: silent}
spec:
  input: {files: "raw/*.txt", eventCount: {pattern: "^EVENT"}}
  job: {command: "./reco.sh {input} {output.dst}", eventsRead: {pattern: "^EVENT"}}
  outputs: {dst: {name: "{stem}.dst", eventsWritten: {pattern: "^EVENT"}}}
  archive: none
  retry: {process: {attempts: 5, first: 1s, longest: 1s}}
`;

/** The first waits for ever. */
const RECO = `#!/bin/sh
if mkdir "$RERECO_SPEC_DIR/first" 2>/dev/null; then while :; do sleep 0.2; done; fi
cp "$1" "$2"
`;

describe('a job of which nobody can say what became of it', function () {
  this.timeout(600_000);
  let world: World;
  let job: string;
  before(async () => {
    world = await aWorld('shared');
    await world.write('raw/a.txt', 'EVENT 1\nEVENT 2\n');
    await world.write('spec.yaml', SPEC);
    await world.write('reco.sh', RECO, 0o755);
    await until(180, async () => {
      await world.rereco('reconcile');
      return existsSync(world.at('first'));
    });
    await world.rereco('reconcile');
    [{ job }] = (await world.rows<{ job: string }>(
      "SELECT unique_job_name AS job FROM jobs WHERE job_type <> 'copy'",
    )) as [{ job: string }]; // it runs
    // As another machine would have left it that was switched off.
    const { supervisor, leader } = await processesOf(world, job);
    process.kill(supervisor, 'SIGKILL');
    process.kill(-leader, 'SIGKILL');
    const start = `spool/batch/jobs/${job}/start.json`;
    await world.write(start, (await world.read(start)).replace(/"[^"@]+@[^"/]+\//, '"other@node7/'));
  });
  after(() => world.close());

  it('cannot be settled while it is answered about, nor without a reason, nor under another name', async () => {
    const cases: readonly (readonly string[])[] = [
      [job, 'lost'],
      [job, 'lost', '--because', ' '],
      [job, 'gone', '--because', 'x'],
      [`${job}9`, 'lost', '--because', 'x'],
      [`${job}:4`, 'lost', '--because', 'x'],
    ];
    for (const args of cases) {
      const { code, err } = await world.rereco('settle', ...args);
      assert.deepEqual([args, code], [args, 2], err);
    }
  });

  it('is a problem once the patience of the site is over, and no campaign waits for it for ever', async () => {
    await world.rereco('reconcile');
    await until(180, async () => {
      const { code, out } = await world.rereco('reconcile', '--until', 'settled');
      return code === 3 && /nothing is known of 1 job/.test(out);
    });
    const { out } = await world.rereco('errors');
    assert.match(
      inOneLine(out),
      new RegExp(`nothing is known of ${job} since .*node7.*rereco settle ${job} lost\\|done`),
    );
    assert.match(inOneLine((await world.rereco('status')).out), /nothing is known of 1 job .*rereco settle/);
  });

  it('is ended by a signed word, its file tried again and its slot free', async () => {
    const { code, out, err } = await world.rereco(
      'settle',
      job,
      'lost',
      '--because',
      'node 7 was switched off',
    );
    assert.equal(code, 0, err);
    assert.match(out, /1 file to be tried again/);
    assert.equal((await world.rereco('reconcile', '--until', 'settled')).code, 0);
    const history = inOneLine((await world.rereco('history', 'a.txt')).out);
    assert.match(history, /operator\.settled, attempt 1 settled as lost by .*: node 7 was switched off/);
    assert.doesNotMatch((await world.rereco('errors')).out, /nothing is known/);
  });

  it('is over then', async () => {
    const { code, err } = await world.rereco('settle', job, 'done', '--because', 'again');
    assert.deepEqual([code, /not in motion/.test(err)], [2, true], err);
  });

  it('lets go of what a job holds that is over on record only', async () => {
    await rm(world.at('spool/batch/jobs', job, 'end.json'));
    const { code, out, err } = await world.rereco('settle', job, 'lost', '--because', 'again');
    assert.deepEqual([code, /over on record; what it held is let go/.test(out)], [0, true], err);
    assert.ok(existsSync(world.at('spool/batch/jobs', job, 'end.json')));
  });
});
