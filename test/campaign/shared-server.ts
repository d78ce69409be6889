/**
 * One PostgreSQL for the worlds of a mocha process, each with a database of its own.
 *
 * Making a server takes seconds and making a database does not. What is tested of the
 * embedded server itself takes a world with its own.
 */

import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { ensureServer, removeServer } from '../../db/server/embedded.ts';
import type { ServerUrl } from '../../db/server/probe.ts';

/** An empty database that nobody else uses. */
export interface OwnDatabase {
  readonly connection: pg.ClientConfig;
  /** As `DATABASE_URL` has it. */
  readonly url: string;
  drop(): Promise<void>;
}

const stateDir = path.join(tmpdir(), `rereco-campaigns-${process.pid}`);
let server: Promise<ServerUrl> | undefined;
let made = 0;

async function stopSharedServer(): Promise<void> {
  if (server === undefined) return;
  await removeServer(stateDir, AbortSignal.timeout(300_000));
  await rm(stateDir, { recursive: true, force: true });
}

// A bench has worlds but no mocha, and shares no server.
if ('after' in globalThis) {
  after(function () {
    this.timeout(600_000);
    return stopSharedServer();
  });
}

/** Make a database on the shared server, starting that where nobody has. */
export async function anOwnDatabase(): Promise<OwnDatabase> {
  server ??= ensureServer(stateDir, AbortSignal.timeout(300_000));
  const { host, port, user, database: first } = await server;
  made += 1;
  const database = `world_${made}`;
  const command = async (sql: string) => {
    const client = new pg.Client({ host, port, user, database: first, ssl: false });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  await command(`CREATE DATABASE ${database}`);
  return {
    connection: { host, port, user, database, ssl: false },
    url: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`,
    drop: () => command(`DROP DATABASE ${database} WITH (FORCE)`),
  };
}
