import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { killAll, members, usage } from '../../reconcilers/drivers/batch/local/session.ts';
import { processIdentity } from '../../reconcilers/drivers/process/identity.ts';
import { until } from './local-world.ts';

/** A shell that holds so many bytes, and workers that it forks: they have all of its pages in common. */
const WORKERS = `x=$(head -c 30000000 /dev/zero | tr '\\0' a)
for n in 1 2 3 4 5 6 7 8; do ( sleep 60; echo "$x" >/dev/null ) & done
wait`;

describe('the memory of a job', function () {
  this.timeout(600_000);

  it('counts what forked workers share once, not once for each', async () => {
    const child = spawn('sh', ['-c', WORKERS], { detached: true, stdio: 'ignore' });
    const leader = await processIdentity(child.pid ?? 0);
    assert.ok(leader);
    try {
      // Eight workers, each with its sleep, and the shell.
      await until(async () => (await members(leader)).length >= 17);
      const { memoryBytes } = await usage(leader, null);
      assert.ok(memoryBytes !== null && memoryBytes >= 30_000_000, `${memoryBytes} bytes`);
      assert.ok(memoryBytes < 120_000_000, `${memoryBytes} bytes`);
    } finally {
      await killAll(leader, 10_000);
    }
  });
});
