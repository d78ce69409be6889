import pg from 'pg';
import { DriverError } from '../../../ports/errors.ts';
import { driverErrorOf } from './driver-error-of.ts';

/** One transaction. After an error it can only be ended. */
export interface Session {
  /** @throws DriverError | the signal's reason, also while the server works */
  query(text: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Commit. */
  commit(): Promise<void>;
  /** Give up what was not committed. Harmless after `commit`; never throws. */
  end(): void;
}

export type SessionMode = 'read' | 'write';

export interface SessionOptions {
  readonly mode: SessionMode;
  /** The longest a single statement may take. */
  readonly statementMs: number;
  readonly signal: AbortSignal;
}

/** A small pool that is made at the first use, and anew after a failure to connect. */
export interface Database {
  /** Whether there is a database to connect to. */
  there(signal: AbortSignal): Promise<boolean>;
  /** @throws DriverError `unavailable` | `forbidden`, or the signal's reason */
  begin(options: SessionOptions): Promise<Session>;
  close(): Promise<void>;
}

/** `undefined`: there is no database. */
export type Connection = pg.PoolConfig | (() => Promise<pg.PoolConfig | undefined>);

/** What the server may be late with its own timeout before the client stops waiting. */
const LATE_MS = 1_000;

/** Numbers for int8: sizes and counts are checked to be safe integers before they are stored. */
const parsers: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format);
  },
};

/**
 * What `work` brings, unless the signal or the time limit is faster.
 *
 * @param limitMs  null: no limit
 */
function within<T>(work: Promise<T>, limitMs: number | null, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const late = () => reject(new DriverError('unavailable', `embedded catalog: no answer in ${limitMs} ms`));
    const timer = limitMs === null ? undefined : setTimeout(late, limitMs);
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work
      .then(resolve, (error: unknown) => reject(driverErrorOf(error)))
      .finally(() => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      });
  });
}

function sessionOf(client: pg.PoolClient, { statementMs, signal }: SessionOptions): Session {
  let open = true;
  async function query(text: string, values: readonly unknown[] = []) {
    signal.throwIfAborted();
    const { rows } = await within(client.query(text, [...values]), statementMs + LATE_MS, signal);
    return rows;
  }
  return {
    query,
    async commit() {
      await query('COMMIT');
      open = false;
      client.release();
    },
    end() {
      // The connection goes too: it may be dead, or still busy with what nobody waits for.
      if (open) client.release(true);
      open = false;
    },
  };
}

function poolOf(config: pg.PoolConfig, connectMs: number): pg.Pool {
  const pool = new pg.Pool({
    application_name: 'rereco catalog',
    ...config,
    max: 2,
    types: parsers,
    connectionTimeoutMillis: connectMs,
    allowExitOnIdle: true,
  });
  // An idle connection the server ended; the next query gets another one.
  pool.on('error', () => undefined);
  return pool;
}

/** The pool of now. A pool that could not connect is dropped: a new server may listen elsewhere. */
function poolKeeper(connection: Connection, connectMs: number) {
  let kept: Promise<pg.Pool | undefined> | undefined;
  let closed = false;

  async function open(): Promise<pg.Pool | undefined> {
    const config = typeof connection === 'function' ? await connection() : connection;
    return config && poolOf(config, connectMs);
  }

  async function drop(failed: Promise<pg.Pool | undefined>): Promise<void> {
    if (kept === failed) kept = undefined;
    const pool = await failed.catch(() => undefined);
    if (pool && !pool.ending) await pool.end();
  }

  return {
    /** `undefined` is not kept: the database may come to be. */
    async pool(): Promise<pg.Pool | undefined> {
      if (closed) throw new DriverError('unavailable', 'embedded catalog: it was closed');
      kept ??= open();
      const current = kept;
      const pool = await current.catch(async (error: unknown) => {
        await drop(current);
        throw error;
      });
      if (!pool) await drop(current);
      return pool;
    },
    async drop(): Promise<void> {
      if (kept) await drop(kept);
    },
    /** Nothing is connected after it, whoever still asks. */
    async close(): Promise<void> {
      closed = true;
      if (kept) await drop(kept);
    },
  };
}

async function connectTo(pool: pg.Pool, limitMs: number, signal: AbortSignal): Promise<pg.PoolClient> {
  const connecting = pool.connect();
  try {
    const client = await within(connecting, limitMs, signal);
    // Between two statements nobody listens: without this a dying server would end the process.
    if (client.listenerCount('error') === 0) client.on('error', () => undefined);
    return client;
  } catch (error) {
    connecting.then((unused) => unused.release()).catch(() => undefined);
    throw error;
  }
}

async function begun(client: pg.PoolClient, options: SessionOptions): Promise<Session> {
  const session = sessionOf(client, options);
  try {
    // A read sees one moment; a write must see what others committed while it waited for them.
    const mode = options.mode === 'read' ? 'REPEATABLE READ READ ONLY' : 'READ COMMITTED READ WRITE';
    await session.query(`BEGIN ISOLATION LEVEL ${mode}`);
    await session.query(`SET LOCAL statement_timeout = ${Math.ceil(options.statementMs)}`);
    return session;
  } catch (error) {
    session.end();
    throw error;
  }
}

/** A connection of its own to where the catalog is kept. Connects to nothing by itself. */
export function openDatabase(connection: Connection, connectMs: number): Database {
  const keeper = poolKeeper(connection, connectMs);
  // Making the database may take a while: whoever made the function limits it.
  const pool = (signal: AbortSignal) => within(keeper.pool(), null, signal);
  return {
    there: async (signal) => (await pool(signal)) !== undefined,
    async begin(options) {
      const { signal } = options;
      signal.throwIfAborted();
      const current = await pool(signal);
      if (!current) throw new DriverError('unavailable', 'embedded catalog: there is no database yet');
      try {
        return await begun(await connectTo(current, connectMs + LATE_MS, signal), options);
      } catch (error) {
        if (error instanceof DriverError) keeper.drop().catch(() => undefined);
        throw error;
      }
    },
    close: keeper.close,
  };
}
