/** `rereco db psql`: the records as a person with SQL sees them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { findServer } from '../../db/server/embedded.ts';
import { leaveInterrupts } from '../ending.ts';
import { EXIT, UserError } from '../failure.ts';
import { databaseUrl, lookedAtFolder, noDatabase, SCHEMA } from '../state.ts';

/**
 * Run psql in our schema, reading only: a person may lift that with `SET default_transaction_read_only = off`.
 *
 * @returns the exit code: failure where psql fails or is not installed
 */
export async function openPsql(signal: AbortSignal): Promise<number> {
  const { host, port, user, database, password } = new pg.Client(await whereIs(signal));
  const env = {
    ...process.env,
    PGHOST: host,
    PGPORT: String(port),
    ...(user === undefined ? {} : { PGUSER: user }),
    ...(database === undefined ? {} : { PGDATABASE: database }),
    ...(password ? { PGPASSWORD: password } : {}),
    PGOPTIONS: `-c default_transaction_read_only=on -c search_path=${searchPath()}`,
  };
  leaveInterrupts();
  const psql = spawn('psql', [], { stdio: 'inherit', env, signal });
  try {
    const [code] = await once(psql, 'exit');
    return code === 0 ? EXIT.settled : EXIT.failure;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error && Reflect.get(error, 'code') === 'ENOENT')) throw error;
    process.stderr.write('rereco: psql is not installed here; `rereco db status` says where to connect\n');
    return EXIT.failure;
  }
}

async function whereIs(signal: AbortSignal): Promise<pg.ClientConfig> {
  const url = databaseUrl();
  if (url !== undefined) return { connectionString: url };
  const server = await findServer(lookedAtFolder(), signal);
  if (server !== undefined) return { ...server };
  const { sentence, remedy } = noDatabase();
  throw new UserError(`${sentence}; ${remedy}`);
}

/** Ours first; what PGOPTIONS takes for the end of a value is behind a backslash. */
function searchPath(): string {
  return `"${SCHEMA.replaceAll('"', '""')}",public`.replace(/([\\\s])/g, '\\$1');
}
