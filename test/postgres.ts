/**
 * PostgreSQL for tests: the server of `DATABASE_URL` where that is set, else an
 * embedded one that lives as long as this mocha process.
 *
 *     const database = await testDatabase();          // in a `before`
 *     const schema = database.schema('records');      // a name of your own, e.g. t_records_4711_1
 *     new pg.Client(database.connection);             // knex: { client: 'pg', connection: database.connection }
 *     await database.close();                         // in the `after`: drops the schemas handed out
 *
 * Import this module at the top of a test file (never inside a test): it adds
 * the root hook that stops the server.
 */
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** A database to test in, shared with other tests; only the schemas are your own. */
export interface TestDatabase {
  /** For `pg` as for knex. */
  readonly connection: pg.ClientConfig;
  /** A schema name nobody else has. Nothing is created; `close` drops it if it came to be. */
  schema(name: string): string;
  /** Drop every schema handed out, with all in it. */
  close(): Promise<void>;
}

interface SharedServer {
  readonly connection: pg.ClientConfig;
  stop(): Promise<void>;
}

const never = new AbortController().signal;

/** The server of the environment, else one of our own in a folder that only this process uses. */
async function startServer(): Promise<SharedServer> {
  const url = process.env.DATABASE_URL;
  if (url) return { connection: { connectionString: url }, stop: async () => undefined };

  // Not imported where DATABASE_URL is set: then nothing of the embedded server is needed.
  const { ensureServer, removeServer } = await import('../db/server/embedded.ts');
  const stateDir = join(tmpdir(), `rereco-test-${process.pid}`);
  return {
    connection: { ...(await ensureServer(stateDir, never)) },
    stop: async () => {
      await removeServer(stateDir, never);
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** One server a process, started by whoever asks first; a failed start is tried again. */
function sharedServer() {
  let server: Promise<SharedServer> | undefined;
  let handedOut = 0;
  return {
    number: () => ++handedOut,
    get(): Promise<SharedServer> {
      server ??= startServer().catch((error: unknown) => {
        server = undefined;
        throw error;
      });
      return server;
    },
    async stop(): Promise<void> {
      await (await server)?.stop();
      server = undefined;
    },
  };
}

const shared = sharedServer();

/** Stop the server that this process has started, if it has. Tests do so by themselves at their end. */
export const stopTestServer = () => shared.stop();

// A bench runs without mocha.
if ('after' in globalThis) {
  after(async function stopAtTheEnd() {
    this.timeout(600_000);
    await shared.stop();
  });
}

/**
 * A database to test in. Takes seconds the first time where a server must be
 * started: give the `before` that calls it a timeout of a minute.
 *
 * @throws what starting the embedded server throws; never skips
 */
export async function testDatabase(): Promise<TestDatabase> {
  const { connection } = await shared.get();
  const schemas = new Set<string>();
  return {
    connection,
    schema(name) {
      const schema = `t_${name}_${process.pid}_${shared.number()}`;
      schemas.add(schema);
      return schema;
    },
    async close() {
      const client = new pg.Client(connection);
      await client.connect();
      try {
        for (const schema of schemas) {
          await client.query(`DROP SCHEMA IF EXISTS ${client.escapeIdentifier(schema)} CASCADE`);
        }
        schemas.clear();
      } finally {
        await client.end();
      }
    },
  };
}
