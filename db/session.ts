import pg from 'pg';
import type { Database } from './database.ts';

/** How the server knows a connection: the number and the start of its process there. */
export interface Identity {
  readonly pid: number;
  readonly start: string;
}

/** One connection, kept for as long as leases are held: its end is the proof that the holder is gone. */
export interface Session {
  /**
   * The connection's process as the server has it, connecting where there is no connection.
   *
   * @throws what connecting throws | Error after `close`
   */
  identity(): Promise<Identity>;
  /** End every connection that was begun, also one that is still being made. Never throws. */
  close(): Promise<void>;
}

/** What a server that is busy may take for one small answer. */
const ANSWER_MS = 60_000;

/** What a server may take to hang up; one that does not is hung up on. */
const GOODBYE_MS = 2_000;

/**
 * Open a session. Nothing is connected yet.
 *
 * However many callers ask at once, one connection is made, and all of them get its
 * identity: two would be one too many to close, and leases under the other would be lost.
 */
export function openSession({ connection }: Pick<Database, 'connection'>): Session {
  const open = new Set<() => Promise<void>>();
  let current: Promise<Identity> | undefined;
  let closed = false;

  const connect = (): Promise<Identity> => {
    const client = new pg.Client({ ...connection, query_timeout: ANSWER_MS });
    // Once: hanging up on a broken connection is an error of the connection again.
    const end = once(() => hangUp(client));
    open.add(end);
    const identity = Promise.race([identify(client), ended(client)]);
    const lost = () => {
      if (current === identity) current = undefined;
      void end().then(() => open.delete(end));
    };
    client.on('error', lost);
    client.on('end', lost);
    identity.catch(lost);
    return identity;
  };

  return {
    async identity() {
      if (closed) throw new Error('the session of the leases is closed; please report');
      current ??= connect();
      return current;
    },
    async close() {
      closed = true;
      await Promise.all([...open].map((end) => end()));
    },
  };
}

async function identify(client: pg.Client): Promise<Identity> {
  await client.connect();
  const { rows } = await client.query<Identity>(
    'SELECT pid, backend_start::text AS start FROM pg_stat_activity WHERE pid = pg_backend_pid()',
  );
  const [identity] = rows;
  if (identity === undefined) throw new Error('the server does not know this connection; please report');
  return identity;
}

/** Fails when the connection has ended: pg leaves whoever is connecting then without an answer. */
function ended(client: pg.Client): Promise<never> {
  return new Promise((_, reject) => {
    client.once('end', () => reject(new Error('Connection terminated: it was that of the leases')));
  });
}

function once(act: () => Promise<void>): () => Promise<void> {
  let acted: Promise<void> | undefined;
  return () => {
    acted ??= act();
    return acted;
  };
}

/** End a connection, whatever has become of it. */
async function hangUp(client: pg.Client): Promise<void> {
  const silent = setTimeout(() => client.connection.stream.destroy(), GOODBYE_MS);
  // What is wrong with a connection that ends does not matter any more.
  await client.end().catch(() => undefined);
  clearTimeout(silent);
}
