/** Jobs of three files each, the middle one of which is bad. */
import assert from 'node:assert/strict';
import { aWorld, type World } from '../campaign/world.ts';

const SPEC = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: threes}
spec:
  input: {files: "raw/*.txt", eventCount: {pattern: "^EVENT"}}
  job: {command: "./reco.sh {input} {output.dst}", filesPerJob: 3, eventsRead: {pattern: "^EVENT"}}
  outputs: {dst: {name: "{stem}.dst", eventsWritten: {pattern: "^EVENT"}}}
  retry: {process: {attempts: 1}}
`;

const RECO = `#!/bin/sh
case $1 in *b.txt) echo 'it cannot be read' >&2; exit 7 ;; esac
cp "$1" "$2"
`;

describe('a job of three files, the middle one of which fails', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await aWorld('shared');
    for (const name of ['a', 'b', 'c']) await world.write(`raw/${name}.txt`, 'EVENT 1\nEVENT 2\n');
    await world.write('spec.yaml', SPEC);
    await world.write('reco.sh', RECO, 0o755);
    assert.equal((await world.rereco('reconcile', '--until', 'settled')).code, 3);
  });
  after(() => world.close());

  it('gives each file its own fate', async () => {
    const files = await world.rows<{ name: string; state: string }>(
      'SELECT d.name, s.state FROM input_states s JOIN file_details d ON d.id = s.file_id ORDER BY 1',
    );
    assert.deepEqual(
      files.map(({ name, state }) => `${name} ${state}`),
      ['a.txt done', 'b.txt error', 'c.txt done'],
    );
  });

  it('is one job in error, whose reason names the file', async () => {
    const jobs = await world.rows<{ status: string; exit_code: number }>(
      "SELECT j.status, j.exit_code FROM submission_jobs j JOIN submissions s ON s.id = j.submission_id WHERE s.phase = 'process'",
    );
    assert.deepEqual(
      jobs.map(({ status }) => status),
      ['error'],
    );
    const moves = await world.rows<{ because: string }>(
      "SELECT because FROM transitions WHERE submission_id IS NOT NULL AND to_state = 'error'",
    );
    assert.equal(moves.length, 1);
    assert.match(moves[0]?.because ?? '', /^1 of 3 files failed: b\.txt: .*exit 7/);
  });
});
