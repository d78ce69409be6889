/** Two reconcilers on one spool that do not see each other's processes, as in two containers. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { IN_NAMESPACE, needsNamespace } from '../campaign/pid-namespace.ts';
import { until } from '../campaign/questions.ts';
import { aWorld, type World } from '../campaign/world.ts';

const SPEC = `apiVersion: rereco/v1
kind: Site
metadata: {name: here}
spec:
  spool: {path: spool}
  stores: {disk: {driver: posix, root: .}, far: {driver: posix, root: far}}
  batch: {driver: local, options: {slots: 1}}
---
apiVersion: rereco/v1
kind: Dataset
metadata: {name: seen}
spec:
  input: {settleFor: 0s, files: "raw/*.txt", eventCount: {pattern: "^EVENT"}}
  job: {command: "./reco.sh {input} {output.dst}", eventsRead: {pattern: "^EVENT"}}
  outputs: {dst: {name: "{stem}.dst", eventsWritten: {pattern: "^EVENT"}}}
  retry: {process: {attempts: 5, first: 1s, longest: 1s}}
`;

/** Writes down that it ran, and waits at the gate. */
const RECO = `#!/bin/sh
echo "$RERECO_SUBMISSION" >>"$RERECO_SPEC_DIR/ran"
while [ ! -e "$RERECO_SPEC_DIR/gate" ]; do sleep 0.1; done
cp "$1" "$2"
`;

describe('a job that another reconciler started, in another PID namespace', function () {
  this.timeout(600_000);
  let world: World;
  before(async function () {
    await needsNamespace(this);
    world = await aWorld('shared');
    for (const name of ['a', 'b']) await world.write(`raw/${name}.txt`, 'EVENT 1\nEVENT 2\n');
    await world.write('spec.yaml', SPEC);
    await world.write('reco.sh', RECO, 0o755);
  });
  after(() => world?.close());

  const inside = (...args: string[]) => world.startBehind(IN_NAMESPACE, ...args).ended;
  const ran = async () => (await world.read('ran')).trim().split('\n');

  it('is neither declared lost nor run twice, and keeps its slot', async () => {
    await until(180, async () => {
      await world.rereco('reconcile');
      return existsSync(world.at('ran'));
    });
    for (let looks = 0; looks < 3; looks += 1) {
      const { code, err } = await inside('reconcile');
      assert.equal(code, 3, err);
    }
    const attempts = await world.rows<{ name: string; state: string }>(
      "SELECT d.name, a.state FROM attempts a JOIN file_details d ON d.id = a.file_id WHERE a.phase = 'process' ORDER BY 1",
    );
    // The other waits for the one slot.
    assert.deepEqual(
      attempts.map(({ state }) => state),
      ['live', 'live'],
    );
    assert.equal((await ran()).length, 1);
  });

  it('is told of as one that cannot be seen', async () => {
    const { out } = await inside('why', 'a.txt');
    const other = await inside('why', 'b.txt');
    assert.match(`${out}${other.out}`.replace(/\s+/g, ' '), /another PID namespace of this machine/);
  });

  it('is finished when its end can be read, by whoever looks', async () => {
    await world.write('gate', '');
    const { code, out, err } = await inside('reconcile', '--until', 'settled');
    assert.deepEqual([code, (await ran()).length], [0, 2], out + err);
  });
});
