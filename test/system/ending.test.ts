/** A command that is told to end does, with its exit code, and leaves nothing open. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inputsOf, until } from '../campaign/questions.ts';
import { aWorld, type Running, type World } from '../campaign/world.ts';
import { type TcpProxy, tcpProxy } from '../tcp-proxy.ts';

/** Generous: the machine may be busy. What hangs would hang for ever. */
const ENDS_WITHIN_SECONDS = 90;

const SITE = `apiVersion: rereco/v1
kind: Site
metadata: {name: here}
spec: {stores: {disk: {driver: posix, root: .}}}
`;

const spec = (name: string, eventCount: string) => `apiVersion: rereco/v1
kind: Dataset
metadata: {name: ${name}}
spec:
  input: {files: "${name}/*.txt", eventCount: ${eventCount}}
  job:
    command: 'cp {input} {output.dst}'
    eventsRead: {pattern: "^event"}
  outputs:
    dst: {name: "{stem}.dst", eventsWritten: {pattern: "^event"}}
`;

/** So many small datasets with a file each. */
async function write(world: World, count: number, eventCount = '{pattern: "^event"}'): Promise<void> {
  await world.write('site.yaml', SITE);
  for (let number = 1; number <= count; number += 1) {
    const name = `d${number}`;
    await world.write(`${name}/x${number}.txt`, 'event 1\nevent 2\n');
    await world.write(`${name}.yaml`, spec(name, eventCount));
  }
}

const allDone = (world: World, count: number) => async () => {
  const inputs = await inputsOf(world).catch(() => []);
  return inputs.length === count && inputs.every(({ state }) => state === 'done');
};

/** Fail unless it ends soon; whatever it left open would keep it until it says so. */
async function assertEnds(running: Running, how: number | NodeJS.Signals): Promise<void> {
  const late = sleep(ENDS_WITHIN_SECONDS * 1000, undefined, { ref: false });
  const ended = await Promise.race([running.ended, late]);
  if (ended === undefined) running.kill('SIGKILL');
  assert.ok(ended, `still there ${ENDS_WITHIN_SECONDS} s after the signal`);
  assert.doesNotMatch(ended.err, /something/);
  assert.equal(ended.signal ?? ended.code, how, ended.out + ended.err);
}

async function assertNoConnections(world: World): Promise<void> {
  const others = () =>
    world.rows<{ application_name: string; query: string }>(
      `SELECT application_name, query FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    );
  await until(180, async () => (await others()).length === 0);
}

describe('rereco watch', function () {
  this.timeout(300_000);
  let world: World;
  afterEach(() => world.close());

  for (const count of [1, 3, 8]) {
    it(`ends after SIGTERM with ${count} datasets, and leaves no connection`, async () => {
      world = await aWorld('shared');
      await write(world, count);
      const watch = world.start('watch');
      await until(120, allDone(world, count));
      watch.kill('SIGTERM');
      await assertEnds(watch, 0);
      await assertNoConnections(world);
    });
  }

  it('ends after SIGTERM when its server was killed and started again under eight datasets', async () => {
    world = await aWorld();
    await write(world, 8);
    await world.rereco('db', 'start');
    const watch = world.start('watch');
    for (let kills = 0; kills < 2; kills += 1) {
      await until(180, async () => (await inputsOf(world).catch(() => [])).length > 0);
      const { pid } = (await world.json('db', 'status')) as { readonly pid: number };
      process.kill(pid, 'SIGKILL');
      await until(180, async () => (await world.rereco('db', 'start')).code === 0);
    }
    await until(120, allDone(world, 8));
    watch.kill('SIGTERM');
    await assertEnds(watch, 0);
    await assertNoConnections(world);
  });

  it('ends after SIGTERM while it makes its database', async () => {
    world = await aWorld();
    await write(world, 3);
    const watch = world.start('watch');
    await until(180, () => readdirSync(world.folder).includes('.rereco'));
    watch.kill('SIGTERM');
    await assertEnds(watch, 0);
  });

  it('ends after SIGTERM while a count hangs, one of whose children has left it', async () => {
    world = await aWorld('shared');
    const hanging = '{command: "touch counting; (setsid sleep 600 &); sleep 600"}';
    await write(world, 3, hanging);
    const watch = world.start('watch');
    await until(120, () => readdirSync(world.folder).includes('counting'));
    watch.kill('SIGTERM');
    await assertEnds(watch, 0);
    await assertNoConnections(world);
  });
});

describe('a command that is told to end', function () {
  this.timeout(300_000);
  let world: World;
  afterEach(() => world.close());

  it('says that work remains', async () => {
    world = await aWorld('shared');
    await write(world, 3, '{command: "touch counting; sleep 600"}');
    const running = world.start('reconcile', '--until', 'settled');
    await until(120, () => readdirSync(world.folder).includes('counting'));
    running.kill('SIGTERM');
    await assertEnds(running, 3);
    await assertNoConnections(world);
  });
});

describe('a command whose database says nothing any more', function () {
  this.timeout(300_000);
  let world: World;
  let proxy: TcpProxy;
  let watch: Running;
  beforeEach(async () => {
    world = await aWorld('shared');
    await write(world, 3);
    proxy = await tcpProxy({ ...world.connection });
    const { host, port, user, database } = proxy.connection;
    const url = `DATABASE_URL=postgres://${user}@${host}:${port}/${database}`;
    watch = world.startBehind(['env', url], 'watch');
    await until(120, allDone(world, 3));
    proxy.stall();
  });
  afterEach(async () => {
    watch.kill('SIGKILL');
    await watch.ended;
    await proxy.close();
    await world.close();
  });

  it('ends all the same a while after the signal, and says so', async () => {
    watch.kill('SIGTERM');
    const { err, signal } = await watch.ended;
    assert.equal(signal, 'SIGTERM');
    assert.match(err, /does not let go/);
  });

  it('ends at once after the second signal', async () => {
    let over = false;
    void watch.ended.finally(() => {
      over = true;
    });
    await until(ENDS_WITHIN_SECONDS, () => {
      watch.kill('SIGINT');
      return over;
    });
    const { err, signal } = await watch.ended;
    assert.equal(signal, 'SIGINT');
    assert.doesNotMatch(err, /does not let go/);
  });
});
