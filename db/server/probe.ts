import { stat } from 'node:fs/promises';
import pg from 'pg';
import { hasCode, messageOf } from './errors.ts';
import { type PidFile, parsePidFile, readPidFile } from './pid-file.ts';
import type { Place } from './place.ts';
import { roleOf } from './processes.ts';

/** How to connect to the embedded server; it can be given to `pg` as it is. */
export interface ServerUrl {
  /** The folder of its socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Said outright, because PGSSLMODE of somebody's shell would ask for what a socket cannot give. */
  readonly ssl: false;
}

/** A server that answers and serves the data folder it was asked about. */
export interface Ready {
  readonly kind: 'ready';
  readonly pid: number;
  readonly url: ServerUrl;
  readonly version: string;
  readonly hasDatabase: boolean;
}

/** What was found of a server: none, one that does not let us in (yet), or one that serves the folder. */
export type Probe =
  | { readonly kind: 'down'; readonly left: PidFile | undefined }
  | { readonly kind: 'busy'; readonly pid: number; readonly answering: boolean; readonly why: string }
  | Ready;

/** The owner of everything in an embedded server. */
export const SERVER_USER = 'rereco';
/** The database every command works in. */
export const SERVER_DATABASE = 'rereco';

const CONNECT_PATIENCE_MS = 20_000;
const CANNOT_CONNECT_NOW = '57P03';

interface Answer {
  readonly folder: string;
  readonly version: string;
  readonly pid_file: string;
  readonly has_database: boolean;
}

const QUESTION = `
  SELECT current_setting('data_directory') AS folder,
         current_setting('server_version') AS version,
         pg_read_file('postmaster.pid') AS pid_file,
         EXISTS (SELECT FROM pg_database WHERE datname = '${SERVER_DATABASE}') AS has_database`;

/**
 * Look whether a server serves a data folder, changing nothing.
 *
 * A server counts as ready only when it answers a question, and answers it for this very folder: an
 * id or a socket may have passed to somebody else.
 */
export async function probe(place: Place, signal: AbortSignal): Promise<Probe> {
  signal.throwIfAborted();
  const file = await readPidFile(place.data);
  if (file === undefined) return { kind: 'down', left: undefined };

  const asked = await askAll(place, file);
  if (asked.kind === 'ready') return asked;
  // A server in another container answers at its socket and has no process here; one that is silent must.
  if (!asked.answering && (await roleOf(file.pid, place.data)) !== 'postmaster') {
    return { kind: 'down', left: file };
  }
  return asked;
}

/** Make the database of ReReco where a server has none yet; another process making it too does no harm. */
export async function makeDatabase(url: ServerUrl): Promise<void> {
  try {
    await ask(url, `CREATE DATABASE ${SERVER_DATABASE}`);
  } catch (error) {
    // 42P04 duplicate_database; 23505 when both makers were past that check.
    if (!hasCode(error, '42P04', '23505')) throw error;
  }
}

async function askAll(place: Place, file: PidFile): Promise<Exclude<Probe, { kind: 'down' }>> {
  // A folder that was moved under a running server took the socket along.
  const hosts = [...new Set([file.socketDir, place.run])].filter((host) => host !== '');
  let busy = {
    kind: 'busy',
    pid: file.pid,
    answering: false,
    why: 'it has no socket yet',
  } as const as Exclude<Probe, { kind: 'down' }>;
  for (const host of file.port > 0 ? hosts : []) {
    busy = await askOne(place, file, host);
    if (busy.kind === 'ready' || busy.answering) return busy;
  }
  return busy;
}

async function askOne(place: Place, file: PidFile, host: string): Promise<Exclude<Probe, { kind: 'down' }>> {
  const url = { host, port: file.port, user: SERVER_USER, database: SERVER_DATABASE, ssl: false } as const;
  try {
    const [answer] = await ask<Answer>(url, QUESTION);
    if (answer !== undefined && (await serves(answer, place, file))) {
      return { kind: 'ready', pid: file.pid, url, version: answer.version, hasDatabase: answer.has_database };
    }
    return { kind: 'busy', pid: file.pid, answering: false, why: 'its socket belongs to another server' };
  } catch (error) {
    const answering = hasCode(error, CANNOT_CONNECT_NOW);
    return { kind: 'busy', pid: file.pid, answering, why: messageOf(error) };
  }
}

async function serves(answer: Answer, place: Place, file: PidFile): Promise<boolean> {
  if (parsePidFile(answer.pid_file)?.identity !== file.identity) return false;
  const [theirs, ours] = await Promise.all([stat(answer.folder).catch(() => undefined), stat(place.data)]);
  // A copied folder has the same file in it; a moved one has left the place the server remembers.
  return theirs === undefined || (theirs.dev === ours.dev && theirs.ino === ours.ino);
}

async function ask<Row extends object>(url: ServerUrl, question: string): Promise<readonly Row[]> {
  const client = new pg.Client({
    ...url,
    database: 'postgres',
    connectionTimeoutMillis: CONNECT_PATIENCE_MS,
    query_timeout: 60_000,
  });
  // A connection cut between two steps is reported here as well; the step itself fails, too.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(question)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
