import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openSession, type Session } from '../../db/session.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';
import { type TcpProxy, tcpProxy } from '../tcp-proxy.ts';

const MANY = 12;
const APPLICATION = `session test ${process.pid}`;

const askedAtOnce = (session: Session) => Promise.all(Array.from({ length: MANY }, () => session.identity()));

describe('openSession', function () {
  this.timeout(600_000);
  let server: TestDatabase;
  let proxy: TcpProxy;
  let asking: pg.Client;
  let session: Session;
  before(async () => {
    server = await testDatabase();
    proxy = await tcpProxy(server.connection);
    asking = new pg.Client(server.connection);
    await asking.connect();
  });
  beforeEach(() => {
    proxy.comeBack();
    session = openSession({ connection: { ...proxy.connection, application_name: APPLICATION } });
  });
  afterEach(() => session.close());
  after(async () => {
    await asking.end();
    await proxy.close();
    await server.close();
  });

  const connections = async (): Promise<readonly number[]> => {
    const { rows } = await asking.query('SELECT pid FROM pg_stat_activity WHERE application_name = $1', [
      APPLICATION,
    ]);
    return rows.map((row) => row.pid);
  };
  /** The server needs a moment to see that somebody has hung up. */
  const noneLeft = async () => {
    for (let tries = 0; tries < 600 && (await connections()).length > 0; tries += 1) await sleep(50);
    assert.deepEqual(await connections(), []);
  };

  it('makes one connection, however many ask at once, and closes it', async () => {
    const identities = await askedAtOnce(session);
    assert.deepEqual([...new Set(identities.map(({ pid }) => pid))], await connections());
    await session.close();
    await noneLeft();
  });

  it('makes another one, for all of them, when the server has ended it', async () => {
    const [first] = await askedAtOnce(session);
    await asking.query('SELECT pg_terminate_backend($1)', [first?.pid]);
    await noneLeft();
    // The news may still be on its way.
    let pids: readonly number[];
    do {
      await sleep(10);
      pids = (await askedAtOnce(session)).map(({ pid }) => pid);
    } while (pids[0] === first?.pid);
    assert.equal(new Set(pids).size, 1);
    await session.close();
    await noneLeft();
  });

  it('tells all of them when it cannot connect, and connects once that is over', async () => {
    proxy.goDown();
    const asked = await Promise.allSettled(Array.from({ length: MANY }, () => session.identity()));
    assert.deepEqual(new Set(asked.map(({ status }) => status)), new Set(['rejected']));
    proxy.comeBack();
    assert.equal(new Set((await askedAtOnce(session)).map(({ pid }) => pid)).size, 1);
    await session.close();
    await noneLeft();
  });

  it('leaves no connection when it is closed while one is being made', async () => {
    const asked = Promise.allSettled(Array.from({ length: MANY }, () => session.identity()));
    await session.close();
    await asked;
    await noneLeft();
  });

  it('is closed although the server says nothing', async () => {
    proxy.stall();
    const asked = Promise.allSettled([session.identity()]);
    await session.close();
    const [one] = await asked;
    assert.equal(one?.status, 'rejected');
    await noneLeft();
  });

  it('connects to nothing after it was closed', async () => {
    await session.close();
    await assert.rejects(session.identity(), /closed/);
    assert.deepEqual(await connections(), []);
  });
});
