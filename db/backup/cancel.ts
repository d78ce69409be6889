import pg from 'pg';
import type { Asked } from './catalogue.ts';

/** How soon the server finds out that whoever asked was killed, and undoes what it was doing for them. */
const CHECK_EVERY = '5s';

/**
 * Do long work on a connection inside a transaction, so that it ends with us: a
 * signal cancels the statement that runs, and after a `kill -9` the server looks
 * for us even while it waits for a lock.
 *
 * @param config  how another connection is made, to cancel from
 * @throws what `work` throws; after the signal that is the server's word for a cancelled statement
 */
export async function cancellable<T>(
  client: Asked,
  config: pg.ClientConfig,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  // Servers before 14 have no such setting.
  await client.query(
    "SELECT set_config(name, $1, true) FROM pg_settings WHERE name = 'client_connection_check_interval'",
    [CHECK_EVERY],
  );
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const cancel = () => void cancelStatement(config, rows[0]?.pid ?? 0);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    signal.throwIfAborted();
    return await work();
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Never throws: where the server cannot be reached, nothing is running there for us. */
async function cancelStatement(config: pg.ClientConfig, pid: number): Promise<void> {
  const client = new pg.Client(config);
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT pg_cancel_backend($1)', [pid]);
  } catch {
    // The statement ends by itself, and nothing of it is kept.
  } finally {
    await client.end().catch(() => undefined);
  }
}
