/** Processes that leave their job's session: a job has ended when they have. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cgroupFor, endCgroup, enterCgroup } from '../../reconcilers/drivers/batch/local/cgroup.ts';
import { localBatch } from '../../reconcilers/drivers/batch/local/local-batch.ts';
import { ended, jobUntil, running } from '../contract/batch-system.ts';
import { localOrder } from '../drivers/local-orders.ts';
import { type LocalWorld, localWorld, runs, until } from '../drivers/local-world.ts';

const never = new AbortController().signal;

/** Whether this process may make a cgroup. */
async function canHaveCgroup(): Promise<boolean> {
  const sleeper = spawn('sleep', ['60']);
  const cgroup = cgroupFor(`test-${process.pid}`);
  const may = cgroup !== null && (await enterCgroup(cgroup, sleeper.pid ?? 0));
  sleeper.kill('SIGKILL');
  if (may) await endCgroup(cgroup, 5_000);
  return may;
}

/** Leaves a daemon in a session of its own, and its pid in `pid`. @param how  before `sh` */
const daemon = (world: LocalWorld, how = 'setsid') =>
  `${how} sh -c 'echo $$ >${world.spool}/pid.new; mv ${world.spool}/pid.new ${world.spool}/pid; trap "" TERM; while :; do sleep 0.1; done' &
   while [ ! -e ${world.spool}/pid ]; do sleep 0.05; done`;

for (const cgroups of [true, false]) {
  describe(`a job that leaves a daemon, ${cgroups ? 'in a cgroup' : 'without a cgroup'}`, function () {
    this.timeout(600_000);
    let world: LocalWorld;
    before(async function () {
      if (!cgroups || (await canHaveCgroup())) return;
      console.log('      skipped: this system lets us make no cgroup of version 2');
      this.skip();
    });
    beforeEach(async () => {
      world = await localWorld({ cgroups });
    });
    afterEach(() => world?.close());

    const pid = async () => Number(await world.read('pid'));
    const begun = () => until(async () => (await pid()) > 0);

    it('has ended when the daemon is gone, and tells of it', async () => {
      await world.submit('r1-t-1', `${daemon(world)}\nexit 0`);
      const end = await jobUntil(world.batch, 'r1-t-1', ended);
      assert.equal(await runs(await pid()), false);
      assert.deepEqual([end.exitCode, end.batchState], [0, null]);
      assert.match(end.note ?? '', new RegExp(`left .* behind.*pid ${await pid()}`));
      assert.match(await world.read('r1-t-1/err'), /^rereco: the job left .* behind/m);
    });

    it('tells of nothing when nothing is left', async () => {
      await world.submit('r1-t-1', 'sleep 0.1 & wait');
      const end = await jobUntil(world.batch, 'r1-t-1', ended);
      assert.deepEqual([end.note, await world.read('r1-t-1/err')], [undefined, '']);
    });

    it('takes it along when it is cancelled', async () => {
      await world.submit('r1-t-1', `${daemon(world)}\nsleep 60`);
      await begun();
      await world.batch.cancel(['r1-t-1'], never);
      await jobUntil(world.batch, 'r1-t-1', ended);
      assert.equal(await runs(await pid()), false);
    });

    it('takes it along at its walltime', async () => {
      await world.submit('r1-t-1', `${daemon(world)}\nsleep 60`, { walltimeSeconds: 1 });
      assert.equal((await jobUntil(world.batch, 'r1-t-1', ended)).batchState, 'walltime');
      assert.equal(await runs(await pid()), false);
    });

    it('takes it along when its supervisor is killed, before its slot is free', async () => {
      const one = localBatch({ folder: world.folder, slots: 1, graceMs: 500, cgroups });
      await one.submit(await world.order('r1-t-1', `${daemon(world)}\nsleep 60`), never);
      const look = `if grep -qv ') [ZX] ' /proc/$(cat ${world.spool}/pid)/stat 2>/dev/null; then echo yes; else echo no; fi >${world.spool}/saw`;
      await one.submit(await world.order('r1-t-2', look), never);
      await begun();
      process.kill(await world.pid('r1-t-1', 'supervisor'), 'SIGKILL');
      assert.equal((await jobUntil(one, 'r1-t-1', ended)).batchState, 'supervisor lost');
      assert.equal(await runs(await pid()), false);
      await jobUntil(one, 'r1-t-2', ended);
      assert.equal(await world.read('saw'), 'no\n');
    });
  });
}

describe('a cgroup of a job', function () {
  this.timeout(600_000);
  let world: LocalWorld;
  before(async function () {
    if (await canHaveCgroup()) return;
    console.log('      skipped: this system lets us make no cgroup of version 2');
    this.skip();
  });
  beforeEach(async () => {
    world = await localWorld();
  });
  afterEach(() => world?.close());

  it('holds what clears its environment and leaves its session', async () => {
    await world.submit('r1-t-1', `${daemon(world, 'env -i setsid')}\nexit 0`);
    await jobUntil(world.batch, 'r1-t-1', ended);
    assert.equal(await runs(Number(await world.read('pid'))), false);
  });

  it('is gone with its job, one below it too', async () => {
    await world.submit('r1-t-1', 'sleep 60');
    await jobUntil(world.batch, 'r1-t-1', running);
    // A job runs from the moment its supervisor has it; its first process is noted a little later.
    const leader = join(world.folder, 'jobs', 'r1-t-1', 'leader.json');
    let cgroup = '';
    await until(async () => {
      cgroup = JSON.parse(await readFile(leader, 'utf8').catch(() => '{}')).cgroup ?? '';
      return cgroup !== '';
    });
    const inner = spawn('sleep', ['60']);
    await mkdir(join(cgroup, 'inner'));
    await writeFile(join(cgroup, 'inner', 'cgroup.procs'), `${inner.pid}`);
    await world.batch.cancel(['r1-t-1'], never);
    await jobUntil(world.batch, 'r1-t-1', ended);
    assert.equal(await runs(inner.pid ?? 0), false);
    await assert.rejects(readdir(cgroup), { code: 'ENOENT' });
  });
});

describe('what only looks like a process of a job', function () {
  this.timeout(600_000);

  it('is left alone: another job, another index, and what ran before', async () => {
    const spool = await mkdtemp(join(tmpdir(), 'rereco-strays-'));
    const like = (submission: string, index: string) =>
      spawn('sleep', ['60'], {
        env: { PATH: process.env.PATH ?? '', RERECO_SUBMISSION: submission, RERECO_INDEX: index },
        detached: true,
      });
    const children = [like('r1-t-1', '3')];
    try {
      const batch = localBatch({ folder: join(spool, 'batch'), slots: 1, graceMs: 500, cgroups: false });
      await batch.submit(await localOrder(spool, 'r1-t-1', 'sleep 0.5'), never);
      await jobUntil(batch, 'r1-t-1', running);
      children.push(like('r1-t-10', '3'), like('r1-t-1', '30'), like('r1-t', '3'));
      await jobUntil(batch, 'r1-t-1', ended);
      assert.deepEqual(await Promise.all(children.map(({ pid }) => runs(pid ?? 0))), [
        true,
        true,
        true,
        true,
      ]);
    } finally {
      for (const child of children) child.kill('SIGKILL');
      await rm(spool, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
