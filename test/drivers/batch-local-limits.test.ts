import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localBatch } from '../../reconcilers/drivers/batch/local/local-batch.ts';
import type { SubmissionOrder } from '../../reconcilers/ports/batch-system.ts';
import { ended, jobUntil, running } from '../contract/batch-system.ts';
import { type LocalWorld, localWorld, runs, until } from './local-world.ts';

const never = new AbortController().signal;

describe('a job of the local batch system', () => {
  let world: LocalWorld;
  beforeEach(async () => {
    world = await localWorld();
  });
  afterEach(() => world.close());

  it('ends with what it exits with, which is not a signal', async () => {
    await world.submit('r1-t-1', 'exit 137');
    const { exitCode, signal } = await jobUntil(world.batch, 'r1-t-1', ended);
    assert.deepEqual([exitCode, signal], [137, null]);
  });

  it('ends with the signal that killed it, which is not an exit', async () => {
    await world.submit('r1-t-1', 'sleep 60');
    process.kill(await world.pid('r1-t-1', 'leader'), 'SIGKILL');
    const { exitCode, signal, batchState } = await jobUntil(world.batch, 'r1-t-1', ended);
    assert.deepEqual([exitCode, signal, batchState], [null, 'SIGKILL', null]);
  });

  it('is measured', async () => {
    await world.submit('r1-t-1', 'i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done');
    const end = await jobUntil(world.batch, 'r1-t-1', ended);
    assert.ok((end.cpuMs ?? 0) >= 30 && (end.wallMs ?? 0) >= (end.cpuMs ?? 0) - 20, JSON.stringify(end));
    assert.ok((end.peakMemoryBytes ?? 0) > 100_000, JSON.stringify(end));
    assert.ok(end.node);
  });

  it('is ended at its walltime, with a grace for what heeds SIGTERM', async () => {
    const script = `sh -c 'trap "echo bye >>${world.spool}/said; exit 0" TERM; while :; do sleep 0.05; done'`;
    await world.submit('r1-t-1', script, { walltimeSeconds: 1 });
    const end = await jobUntil(world.batch, 'r1-t-1', ended);
    assert.equal(end.batchState, 'walltime');
    assert.ok((end.wallMs ?? 0) >= 1000);
    assert.equal(await world.read('said'), 'bye\n');
  });

  it('is killed at its walltime when it does not heed', async () => {
    await world.submit('r1-t-1', `trap '' TERM; while :; do sleep 0.05; done`, { walltimeSeconds: 1 });
    const { signal, batchState } = await jobUntil(world.batch, 'r1-t-1', ended);
    assert.deepEqual([signal, batchState], ['SIGKILL', 'walltime']);
  });

  it('is ended at its CPU time', async () => {
    await world.submit('r1-t-1', 'while :; do :; done', { cpuTimeSeconds: 1 });
    const end = await jobUntil(world.batch, 'r1-t-1', ended);
    assert.equal(end.batchState, 'cpuTime');
    assert.ok((end.cpuMs ?? 0) >= 1000, JSON.stringify(end));
  });

  it('is ended when it takes more memory than it may', async () => {
    const take = `"${process.execPath}" -e 'globalThis.a = Buffer.alloc(3e8, 1); setInterval(() => {}, 1e3)'`;
    await world.submit('r1-t-1', `${take} & wait`, { memoryBytes: 250_000_000 });
    const end = await jobUntil(world.batch, 'r1-t-1', ended);
    assert.equal(end.batchState, 'memory');
    assert.ok((end.peakMemoryBytes ?? 0) > 250_000_000);
  });

  it('has ended when its leader has, and takes what it left in the background along', async () => {
    await world.submit(
      'r1-t-1',
      `sleep 60 & echo $! >${world.spool}/pid; (set -m; sleep 61 & echo $! >>${world.spool}/pid)`,
    );
    assert.equal((await jobUntil(world.batch, 'r1-t-1', ended)).exitCode, 0);
    const pids = (await world.read('pid')).trim().split('\n').map(Number);
    assert.equal(pids.length, 2);
    assert.deepEqual(await Promise.all(pids.map(runs)), [false, false]);
  });

  it('sees a small environment of its own, and no other', async () => {
    process.env.RERECO_TEST_LEAK = 'leak';
    process.env.NODE_OPTIONS = '--no-warnings';
    try {
      await world.submit('r1-t-1', `env >${world.spool}/env; pwd >>${world.spool}/env`);
    } finally {
      delete process.env.RERECO_TEST_LEAK;
      delete process.env.NODE_OPTIONS;
    }
    await jobUntil(world.batch, 'r1-t-1', ended);
    const told = await world.read('env');
    assert.match(told, /^RERECO_SUBMISSION=r1-t-1$/m);
    assert.match(told, /^RERECO_INDEX=3$/m);
    assert.match(told, new RegExp(`^TMPDIR=${world.folder}/jobs/r1-t-1/tmp$`, 'm'));
    assert.doesNotMatch(told, /LEAK|NODE_OPTIONS/);
  });

  it('adds its output to the files of the order', async () => {
    await world.submit('r1-t-1', 'echo out; echo err >&2');
    await jobUntil(world.batch, 'r1-t-1', ended);
    assert.deepEqual([await world.read('r1-t-1/out'), await world.read('r1-t-1/err')], ['out\n', 'err\n']);
  });

  it('is void when the folder of its submission is not there', async () => {
    const order = await world.order('r1-t-1', 'exit 0');
    const jobs = order.jobs.map((job) => ({ ...job, stdout: `${world.spool}/no/such/folder/out` }));
    await world.batch.submit({ ...order, jobs }, never);
    const end = await jobUntil(world.batch, 'r1-t-1', ended);
    assert.equal(end.exitCode, null);
    assert.equal(end.batchState, 'void');
  });

  it('is cancelled while it waits, and never starts', async () => {
    await world.submit('r1-t-1', 'sleep 60');
    await world.submit('r1-t-2', 'sleep 60');
    await world.submit('r1-t-3', `echo ran >${world.spool}/ran`);
    await jobUntil(world.batch, 'r1-t-2', running);
    assert.deepEqual(await world.look('r1-t-3'), { state: 'queued' });
    await world.batch.cancel(['r1-t-3'], never);
    const end = await world.look('r1-t-3');
    assert.ok(end && ended(end) && end.batchState === 'cancelled');
    await world.batch.cancel(['r1-t-1', 'r1-t-2'], never);
    await jobUntil(world.batch, 'r1-t-1', ended);
    await jobUntil(world.batch, 'r1-t-2', ended);
    await until(async () => !(await runs(await world.pid('r1-t-2', 'supervisor'))));
    assert.deepEqual([await world.read('ran'), await world.look('r1-t-3')], ['', end]);
  });

  it('is cancelled while it runs, and killed when it does not heed', async () => {
    await world.submit('r1-t-1', `trap '' TERM; echo up >${world.spool}/up; while :; do sleep 0.05; done`);
    await until(async () => (await world.read('up')) !== '');
    await jobUntil(world.batch, 'r1-t-1', running);
    await world.batch.cancel(['r1-t-1'], never);
    const { signal, batchState } = await jobUntil(world.batch, 'r1-t-1', ended);
    assert.deepEqual([signal, batchState], ['SIGKILL', 'cancelled']);
  });

  it('shares a supervisor with those that wait, and has its own CPU time all the same', async () => {
    const one = localBatch({ folder: world.folder, slots: 1, graceMs: 500 });
    const names = ['r1-t-1', 'r1-t-2', 'r1-t-3'];
    const busy = 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done';
    const scripts = [`while [ ! -e ${world.spool}/go ]; do sleep 0.05; done`, busy, 'exit 0'];
    for (const [n, name] of names.entries()) {
      await one.submit(await world.order(name, scripts[n] ?? ''), never);
    }
    await writeFile(join(world.spool, 'go'), '');
    const ends = [];
    for (const name of names) ends.push(await jobUntil(one, name, ended));
    const pids = await Promise.all(names.map((name) => world.pid(name, 'supervisor')));
    assert.equal(new Set(pids).size, 1, pids.join(' '));
    const [, second = 0, third = 0] = ends.map(({ cpuMs }) => cpuMs ?? 0);
    assert.ok(second > third, `${second} ms, ${third} ms`);
  });

  it('runs its script where an older program submitted it', async () => {
    const { launch: _, ...order } = await world.order('r1-t-1', `echo "$RERECO_INDEX" >${world.spool}/ran`);
    await world.batch.submit(order as SubmissionOrder, never);
    assert.equal((await jobUntil(world.batch, 'r1-t-1', ended)).exitCode, 0);
    assert.equal(await world.read('ran'), '3\n');
  });

  it('is absent where a power cut tore its order, and holds up no other', async () => {
    const torn = join(world.folder, 'jobs', 'r1-t-1');
    await world.submit('r1-t-0', 'exit 0');
    await jobUntil(world.batch, 'r1-t-0', ended);
    for (const text of ['', '{"name":"r1-']) {
      await mkdir(torn);
      await writeFile(join(torn, 'order.json'), text);
      await writeFile(join(world.folder, 'queue', '000000000001.r1-t-1'), '');
      const seen = await world.batch.observe(['r1-t-1'], 0, never);
      assert.deepEqual([seen.complete, seen.found.size, seen.unknown.size], [true, 0, 0]);
      await until(async () => !(await readdir(join(world.folder, 'queue'))).length);
      await world.batch.forget(['r1-t-1'], never);
      assert.deepEqual(await readdir(join(world.folder, 'jobs')), ['r1-t-0']);
    }
  });
});
