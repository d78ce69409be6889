import type { Knex } from 'knex';
import knexFactory from 'knex';
import pg from 'pg';

/** How PostgreSQL is reached: a URL, or the parts of one. */
export type Connection = string | pg.ClientConfig;

export interface Database {
  readonly knex: Knex;
  /** The schema all our tables are in. */
  readonly schema: string;
  readonly connection: pg.ClientConfig;
  close(): Promise<void>;
}

/** What a busy machine may take to start a process of the server. */
const CONNECTING_MS = 30_000;

/**
 * How long somebody waits for a connection that others have: each may write thousands of
 * rows on a busy machine. A server that is gone is found at once all the same.
 */
const WAITING_MS = 180_000;

/** PostgreSQL's numbers for bigint and numeric; ours stay far below 2^53. */
const NUMBER_TYPES: ReadonlySet<number> = new Set([20, 1700]);

/** bigint and numeric as numbers, for one client only: pg's own table of parsers is shared by the process. */
const types = {
  getTypeParser: (id: number, format?: 'text' | 'binary') =>
    NUMBER_TYPES.has(id) && format !== 'binary'
      ? (text: string) => Number(text)
      : pg.types.getTypeParser(id, format),
};

/** A connection's settings with our parsers, for clients beside knex's. */
export function clientConfig(connection: Connection): pg.ClientConfig {
  const given = typeof connection === 'string' ? { connectionString: connection } : connection;
  return { ...given, types: types as pg.CustomTypesConfig, connectionTimeoutMillis: CONNECTING_MS };
}

/**
 * A pool of connections to PostgreSQL, all in one schema. Nothing is connected yet.
 *
 * @param schema  put first in every connection's search path; not made here
 */
export function openDatabase(connection: Connection, schema: string): Database {
  const config = clientConfig(connection);
  const knex = knexFactory({
    client: 'pg',
    // knex's own type of a connection lacks pg's `types`; it hands the object to pg as it is.
    connection: config as Knex.StaticConnectionConfig,
    searchPath: [schema],
    pool: { min: 0, max: 6, idleTimeoutMillis: 10_000 },
    acquireConnectionTimeout: WAITING_MS,
    // What goes wrong is thrown; knex need not also print it.
    log: { warn() {}, error() {}, deprecate() {}, debug() {} },
  });
  return { knex, schema, connection: config, close: () => knex.destroy() };
}
