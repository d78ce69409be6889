/** How much work a piece of a campaign is, in measures that do not depend on how busy the machine is. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { aStage, type Stage } from '../decide/play.ts';
import type { TestDatabase } from '../postgres.ts';

export interface Work {
  /** Sent to the database. */
  readonly statements: number;
  /** Read by the database, from tables and indexes. */
  readonly rows: number;
  /** Of 8 kB, looked at by the database. */
  readonly blocks: number;
  /** CPU time of the server; null where it is not on this machine. */
  readonly serverMs: number | null;
  /** CPU time of this process. */
  readonly ourMs: number;
}

/** Do something on a stage of its own, and measure it. */
export async function measured<T>(
  server: TestDatabase,
  act: (stage: Stage) => Promise<T>,
): Promise<{ readonly result: T; readonly work: Work }> {
  const asking = new pg.Client({ ...server.connection, application_name: ASKING });
  await asking.connect();
  try {
    const before = await counters(asking);
    const cpu = process.cpuUsage();
    const stage = await aStage(server);
    let statements = 0;
    stage.database.knex.on('query', () => {
      statements += 1;
    });
    const result = await act(stage);
    const { user, system } = process.cpuUsage(cpu);
    await stage.database.close();
    const after = await counters(asking);
    const serverMs = before.cpuMs === null || after.cpuMs === null ? null : after.cpuMs - before.cpuMs;
    return {
      result,
      work: {
        statements,
        rows: after.rows - before.rows,
        blocks: after.blocks - before.blocks,
        serverMs,
        ourMs: (user + system) / 1000,
      },
    };
  } finally {
    await asking.end();
  }
}

const ASKING = 'rereco measures';

/** What the server has counted, once the connections are gone that have yet to say what they did. */
async function counters(asking: pg.Client) {
  const others = () =>
    asking.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
         AND application_name <> $1`,
      [ASKING],
    );
  // Of a server that others use as well, some never go.
  for (let tries = 0; tries < 200 && (await others()).rows.length > 0; tries += 1) await sleep(50);
  const { rows } = await asking.query(
    `SELECT (blks_hit + blks_read)::float8 AS blocks, (tup_returned + tup_fetched)::float8 AS rows, pg_backend_pid() AS pid
     FROM pg_stat_database WHERE datname = current_database()`,
  );
  const [{ blocks, rows: read, pid }] = rows;
  return { blocks: Number(blocks), rows: Number(read), cpuMs: cpuOfServer(Number(pid)) };
}

/** A tick of the kernel's clock for CPU times is 10 ms on every Linux. */
const TICK_MS = 10;

/** CPU time of the server that has this backend, of its processes that live and of those that have ended. */
function cpuOfServer(backend: number): number | null {
  const postmaster = statOf(backend)?.parent;
  if (postmaster === undefined) return null;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const living = pids.map((name) => statOf(Number(name))).filter((stat) => stat?.parent === postmaster);
  const ended = statOf(postmaster);
  const ticks = living.reduce((sum, stat) => sum + (stat?.own ?? 0), (ended?.own ?? 0) + (ended?.ended ?? 0));
  return ticks * TICK_MS;
}

interface ProcessStat {
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended. */
  readonly ended: number;
}

function statOf(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    if (!text.includes('(postgres)')) return undefined;
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const number = (index: number) => Number(fields[index]);
    return { parent: number(1), own: number(11) + number(12), ended: number(13) + number(14) };
  } catch {
    return undefined;
  }
}
