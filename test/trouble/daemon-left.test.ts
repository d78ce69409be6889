/** A command that leaves a daemon behind, which writes on. */
import assert from 'node:assert/strict';
import { inOneLine } from '../campaign/troubles.ts';
import { aWorld, type World } from '../campaign/world.ts';
import { runs } from '../drivers/local-world.ts';

const SPEC = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: daemons}
spec:
  input: {files: "raw/*.txt", eventCount: {pattern: "^EVENT"}}
  job: {command: "./reco.sh {input} {output.dst}", eventsRead: {pattern: "^EVENT"}}
  outputs: {dst: {name: "{stem}.dst", eventsWritten: {pattern: "^EVENT"}}}
  retry: {process: {attempts: 3, first: 1s, longest: 1s}}
`;

/** Leaves a daemon each time, fails the first time, and says which daemons of earlier attempts still write. */
const RECO = `#!/bin/sh
here=$RERECO_SPEC_DIR
for pid in $(cat "$here/pids" 2>/dev/null); do
  grep -qv ') [ZX] ' "/proc/$pid/stat" 2>/dev/null && echo "$pid" >>"$here/beside"
done
setsid sh -c 'echo $$ >>"$0/pids"; touch "$0/up"; while :; do sleep 0.1; done' "$here" &
while [ ! -e "$here/up" ]; do sleep 0.05; done
rm "$here/up"
mkdir "$here/first" 2>/dev/null && exit 7
cp "$1" "$2"
`;

describe('a command that leaves a daemon behind', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await aWorld('shared');
    await world.write('raw/a.txt', 'EVENT 1\nEVENT 2\n');
    await world.write('spec.yaml', SPEC);
    await world.write('reco.sh', RECO, 0o755);
    const { code, out, err } = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(code, 0, out + err);
  });
  after(() => world.close());

  it('has no daemon beside its next attempt, nor after its end', async () => {
    const pids = (await world.read('pids')).trim().split('\n').map(Number);
    assert.equal(pids.length, 2);
    assert.deepEqual(await Promise.all(pids.map(runs)), [false, false]);
    await assert.rejects(world.read('beside'), { code: 'ENOENT' });
  });

  it('is told of what it left, in its log and in history', async () => {
    assert.match(
      (await world.rereco('logs', 'a.txt')).out,
      /^rereco: the job left .* behind, which ended with it/m,
    );
    const history = inOneLine((await world.rereco('history', 'a.txt')).out);
    assert.match(history, /process accepted, .* the job left .* behind, which ended with it: .*sh/);
  });
});
