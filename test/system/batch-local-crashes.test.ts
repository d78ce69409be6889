import assert from 'node:assert/strict';
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endCgroup } from '../../reconcilers/drivers/batch/local/cgroup.ts';
import { localBatch } from '../../reconcilers/drivers/batch/local/local-batch.ts';
import { processIdentity } from '../../reconcilers/drivers/process/identity.ts';
import { ended, jobUntil, running } from '../contract/batch-system.ts';
import { exitOf, type LocalWorld, localWorld, runs, SLOTS, until } from '../drivers/local-world.ts';

const never = new AbortController().signal;

describe('the local batch system when processes die', () => {
  let world: LocalWorld;
  beforeEach(async () => {
    world = await localWorld();
  });
  afterEach(() => world.close());

  it('runs jobs on when their submitter is gone, and starts those that wait', async () => {
    const names = ['r1-t-1', 'r1-t-2', 'r1-t-3', 'r1-t-4'];
    const orders = await Promise.all(
      names.map((name) => world.order(name, `sleep 0.3; echo ${name} >>${world.spool}/ran`)),
    );
    assert.equal(await exitOf(world.submitter(orders)), 0);
    // Nobody asks: the supervisors move the queue by themselves.
    await until(async () => (await world.read('ran')).split('\n').length === names.length + 1);
    assert.deepEqual((await world.read('ran')).trim().split('\n').sort(), names);
  });

  it('starts jobs in the order of their submission', async () => {
    const names = Array.from({ length: 5 }, (_, n) => `r1-t-${20 - n}`);
    const one = localBatch({ folder: world.folder, slots: 1, graceMs: 500 });
    for (const name of names)
      await one.submit(await world.order(name, `echo ${name} >>${world.spool}/ran`), never);
    await until(async () => (await world.read('ran')).split('\n').length === names.length + 1);
    assert.deepEqual((await world.read('ran')).trim().split('\n'), names);
  });

  it('kills and ends a job whose supervisor was killed, and never changes its mind', async () => {
    await world.submit(
      'r1-t-1',
      `sleep 61 & echo $! >${world.spool}/pid; sleep 60; echo late >${world.spool}/late`,
    );
    await until(async () => (await world.read('pid')) !== '');
    const leader = await world.pid('r1-t-1', 'leader');
    process.kill(await world.pid('r1-t-1', 'supervisor'), 'SIGKILL');
    const end = await jobUntil(world.batch, 'r1-t-1', ended);
    assert.deepEqual([end.exitCode, end.signal, end.batchState], [null, 'SIGKILL', 'supervisor lost']);
    assert.deepEqual([await runs(leader), await runs(Number(await world.read('pid')))], [false, false]);
    await world.batch.cancel(['r1-t-1'], never);
    assert.deepEqual([await world.look('r1-t-1'), await world.read('late')], [end, '']);
  });

  it('gives the slot of a killed supervisor to the next job', async () => {
    const one = localBatch({ folder: world.folder, slots: 1, graceMs: 500 });
    await one.submit(await world.order('r1-t-1', 'sleep 60'), never);
    await one.submit(await world.order('r1-t-2', 'exit 0'), never);
    process.kill(await world.pid('r1-t-1', 'supervisor'), 'SIGKILL');
    assert.equal((await jobUntil(one, 'r1-t-2', ended)).exitCode, 0);
  });

  it('calls a job of before a restart of the machine ended', async () => {
    await world.submit('r1-t-1', 'sleep 60');
    const leader = await world.pid('r1-t-1', 'leader');
    process.kill(await world.pid('r1-t-1', 'supervisor'), 'SIGKILL');
    process.kill(leader, 'SIGKILL');
    const { cgroup } = JSON.parse(
      await readFile(join(world.folder, 'jobs', 'r1-t-1', 'leader.json'), 'utf8'),
    );
    for (const file of ['start.json', 'leader.json']) {
      const path = join(world.folder, 'jobs', 'r1-t-1', file);
      await writeFile(path, (await readFile(path, 'utf8')).replace(/"[^":]+@[^":]+:/, '"another-boot:'));
    }
    const end = await jobUntil(world.batch, 'r1-t-1', ended);
    assert.deepEqual([end.exitCode, end.signal, end.batchState], [null, null, 'node restarted']);
    // Which a restart takes along.
    if (cgroup !== null) await endCgroup(cgroup, 5_000);
  });

  it('lets a job whose files cannot be read hold up no other, and takes a word for its end', async () => {
    const one = localBatch({ folder: world.folder, slots: 2, graceMs: 500 });
    await one.submit(await world.order('r1-t-1', 'sleep 60'), never);
    const start = join(world.folder, 'jobs', 'r1-t-1', 'start.json');
    const supervisor = await world.pid('r1-t-1', 'supervisor');
    await jobUntil(one, 'r1-t-1', running);
    await writeFile(start, '{"by');
    await one.submit(await world.order('r1-t-2', 'exit 0'), never);
    await jobUntil(one, 'r1-t-2', ended);
    assert.equal((await one.observe(['r1-t-1'], 0, never)).unknown.size, 1);
    process.kill(supervisor, 'SIGKILL');
    const leader = await world.pid('r1-t-1', 'leader');
    assert.equal(await runs(leader), true);
    await one.settle(['r1-t-1'], never);
    assert.equal((await jobUntil(one, 'r1-t-1', ended)).batchState, 'settled');
    assert.equal(await runs(leader), false);
  });

  it('takes a job into the queue that its submitter did not live to put there', async () => {
    await world.submit('r1-t-1', 'sleep 60');
    await world.submit('r1-t-2', 'sleep 60');
    await world.submit('r1-t-3', 'exit 0');
    const queue = join(world.folder, 'queue');
    for (const entry of await readdir(queue)) await rm(join(queue, entry));
    await world.batch.cancel(['r1-t-1'], never);
    assert.equal((await jobUntil(world.batch, 'r1-t-3', ended)).exitCode, 0);
  });

  it('starts the supervisor that a dead process had promised', async () => {
    await world.submit('r1-t-1', 'sleep 60');
    await world.submit('r1-t-2', 'sleep 60');
    await world.submit('r1-t-3', 'exit 0');
    await world.pid('r1-t-1', 'supervisor');
    // As left by a process that took a slot for the job and died before it could start anything.
    const dead = (await readFile(join(world.folder, 'jobs', 'r1-t-1', 'start.json'), 'utf8')).replace(
      /:\d+:\d+"/,
      ':1:1"',
    );
    const by = JSON.parse(dead).by;
    await writeFile(join(world.folder, 'slots', '0.9'), JSON.stringify({ job: 'r1-t-3', by }));
    await writeFile(join(world.folder, 'jobs', 'r1-t-3', 'claim.json'), JSON.stringify({ slot: '0.9', by }));
    await utimes(join(world.folder, 'jobs', 'r1-t-3', 'claim.json'), 0, 0);
    assert.equal((await jobUntil(world.batch, 'r1-t-3', ended)).exitCode, 0);
  });

  it('has a job whole or not at all when its submitter is killed at any moment', async () => {
    for (let n = 1; n <= 4; n++) {
      const names = [`r${n}-t-1`, `r${n}-t-2`, `r${n}-t-3`];
      const orders = await Promise.all(
        names.map((name) => world.order(name, `echo ${name} >>${world.spool}/ran`)),
      );
      const submitter = world.submitter(orders);
      // Killed after its first answer, a little later each time.
      await new Promise((resolve) => submitter.stdout?.once('data', resolve));
      await pause(n * 6);
      submitter.kill('SIGKILL');
      await exitOf(submitter);
      const seen = await world.batch.observe(names, 0, never);
      assert.ok(seen.complete && seen.found.has(`r${n}-t-1`));
      for (const name of seen.found.keys())
        assert.equal((await jobUntil(world.batch, name, ended)).exitCode, 0);
      const ran = (await world.read('ran')).split('\n').filter((line) => line.startsWith(`r${n}-`));
      assert.deepEqual(ran.sort(), [...seen.found.keys()].sort());
    }
  });

  it('deletes what a process that has ended was preparing, and nothing that one still prepares', async () => {
    await world.submit('r1-t-1', 'exit 0');
    await jobUntil(world.batch, 'r1-t-1', ended);
    const start = await readFile(join(world.folder, 'jobs', 'r1-t-1', 'start.json'), 'utf8');
    const supervisor = JSON.parse(start).by;
    const mine = (await processIdentity(process.pid)) ?? '';
    for (const maker of [supervisor, mine]) {
      await writeFile(join(world.folder, 'tmp', `${encodeURIComponent(maker)}.draft`), '');
    }
    await until(async () => {
      await world.batch.forget(['r1-t-1'], never);
      return (await readdir(join(world.folder, 'tmp'))).length === 1;
    });
    assert.deepEqual(await readdir(join(world.folder, 'tmp')), [`${encodeURIComponent(mine)}.draft`]);
  });

  it('starts no job twice and keeps its slots when several processes submit at once', async () => {
    const script = (name: string) =>
      `echo + ${name} >>${world.spool}/ran; sleep 0.2; echo - ${name} >>${world.spool}/ran`;
    const batches = await Promise.all(
      ['a', 'b', 'c'].map((who) =>
        Promise.all([1, 2, 3].map((n) => world.order(`r1-${who}-${n}`, script(`r1-${who}-${n}`)))),
      ),
    );
    const names = batches.flat().map((order) => order.name);
    const codes = await Promise.all(batches.map((orders) => exitOf(world.submitter(orders))));
    assert.deepEqual(codes, [0, 0, 0]);
    for (const name of names) await jobUntil(world.batch, name, ended);

    const lines = (await world.read('ran')).trim().split('\n');
    assert.equal(lines.length, 2 * names.length);
    let atOnce = 0;
    for (const line of lines) {
      atOnce += line.startsWith('+') ? 1 : -1;
      assert.ok(atOnce <= SLOTS, `${atOnce} jobs at once`);
    }
  });

  it('answers a dry run as any other, and changes nothing', async () => {
    await world.submit('r1-t-1', 'sleep 60');
    await jobUntil(world.batch, 'r1-t-1', running);
    process.kill(await world.pid('r1-t-1', 'leader'), 'SIGSTOP');
    process.kill(await world.pid('r1-t-1', 'supervisor'), 'SIGKILL');
    await until(async () => !(await runs(await world.pid('r1-t-1', 'supervisor'))));
    const files = async () => (await readdir(world.folder, { recursive: true })).sort();
    const before = await files();

    const dry = localBatch({ folder: world.folder, readOnly: true });
    const end = (await dry.observe(['r1-t-1'], 0, never)).found.get('r1-t-1');
    await assert.rejects(dry.cancel(['r1-t-1'], never), { code: 'forbidden' });
    assert.deepEqual([await files(), await runs(await world.pid('r1-t-1', 'leader'))], [before, true]);
    assert.deepEqual(await jobUntil(world.batch, 'r1-t-1', ended), end?.jobs.get(3));
  });

  it('finds nothing, and makes nothing, in a dry run before the first job', async () => {
    const folder = join(world.spool, 'other');
    const seen = await localBatch({ folder, readOnly: true }).observe(['r1-t-1'], 0, never);
    assert.deepEqual([seen.complete, seen.found.size], [true, 0]);
    assert.ok(!(await readdir(world.spool)).includes('other'));
  });
});
