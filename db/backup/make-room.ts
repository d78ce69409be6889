/** What is in the way of a restore is given another name, never dropped. */
import pg from 'pg';
import { hasCode } from '../server/errors.ts';
import { type Asked, qualified, tablesIn } from './catalogue.ts';
import { BackupError } from './errors.ts';

/** `refuse` what a person would miss; `keep` it under another name. */
export type Existing = 'refuse' | 'keep';

export interface Room {
  /** The name under which what was there is kept; null where nothing was. */
  readonly keptAs: string | null;
  /** The highest epoch of its leases: nobody who still believes in one may write in what takes its place. */
  readonly highestEpoch: number;
}

const NOTHING_THERE: Room = { keptAs: null, highestEpoch: 0 };

/** How long others may finish what they are writing. */
const LOCK_PATIENCE_MS = 3_000;

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Free the name of a campaign's schema, in the caller's transaction.
 *
 * @throws BackupError where datasets are on record and are not to be kept, where somebody is at work on
 *   them, and where the schema is not ours
 */
export async function makeRoomForCampaign(client: Asked, schema: string, existing: Existing): Promise<Room> {
  const tables = (await tablesIn(client, schema)).map(({ name }) => name);
  if (tables.length === 0) return NOTHING_THERE;
  if (!tables.includes('knex_migrations') || !tables.includes('datasets')) {
    throw new BackupError(
      `schema ${schema} has tables that are not rereco's (${tables.slice(0, 3).join(', ')}): ` +
        'name another schema with RERECO_SCHEMA',
    );
  }
  await lockOut(client, schema, tables);
  await refuseDatasets(client, schema, existing);
  const leases = ['leases', 'site_leases'].filter((name) => tables.includes(name));
  const epochs: number[] = [];
  for (const table of leases) {
    await refuseLeases(client, qualified(schema, table));
    const { rows } = await client.query<{ epoch: number }>(
      `SELECT COALESCE(max(epoch), 0) AS epoch FROM ${qualified(schema, table)}`,
    );
    epochs.push(rows[0]?.epoch ?? 0);
  }
  return { keptAs: await rename(client, schema), highestEpoch: Math.max(0, ...epochs) };
}

/**
 * Free the name of the embedded catalog's schema, in the caller's transaction.
 *
 * @throws BackupError where it has files and is not to be kept
 */
export async function makeRoomForCatalog(client: Asked, schema: string, existing: Existing): Promise<Room> {
  const tables = (await tablesIn(client, schema)).map(({ name }) => name);
  if (tables.length === 0) return NOTHING_THERE;
  await lockOut(client, schema, tables);
  const files = tables.includes('files')
    ? await client.query(`SELECT FROM ${qualified(schema, 'files')} LIMIT 1`)
    : { rows: [] };
  if (files.rows.length > 0 && existing === 'refuse') {
    throw new BackupError(
      `the embedded catalog (schema ${schema}) has files already: ` +
        'with --replace it is kept under another name, and what is restored takes its place',
    );
  }
  return { ...NOTHING_THERE, keptAs: await rename(client, schema) };
}

/** Whoever is in the middle of a write finishes it; whoever comes later waits, and then finds the new tables. */
async function lockOut(client: Asked, schema: string, tables: readonly string[]): Promise<void> {
  const names = tables.map((table) => qualified(schema, table)).join(', ');
  await client.query(`SET LOCAL lock_timeout = ${LOCK_PATIENCE_MS}`);
  try {
    await client.query(`LOCK TABLE ${names} IN ACCESS EXCLUSIVE MODE`);
  } catch (error) {
    if (!hasCode(error, LOCK_NOT_AVAILABLE)) throw error;
    throw new BackupError(
      `somebody is at work in schema ${schema}: stop \`rereco watch\` and whatever else runs, then try again`,
      { cause: error },
    );
  }
  await client.query('SET LOCAL lock_timeout = 0');
}

async function refuseDatasets(client: Asked, schema: string, existing: Existing): Promise<void> {
  if (existing === 'keep') return;
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM ${qualified(schema, 'datasets')} ORDER BY name`,
  );
  if (rows.length === 0) return;
  const named = rows.slice(0, 3).map(({ name }) => name);
  const more = rows.length > named.length ? ', …' : '';
  throw new BackupError(
    `there is a campaign on record already (${named.join(', ')}${more}): ` +
      'with --replace it is kept under another name, and what is restored takes its place',
  );
}

/** A lease whose holder's connection is there means that a pass is going on. */
async function refuseLeases(client: Asked, table: string): Promise<void> {
  const { rows } = await client.query<{ holder: string }>(
    `SELECT DISTINCT l.holder FROM ${table} l
     JOIN pg_stat_activity a ON a.pid = l.backend_pid AND CAST(a.backend_start AS text) = l.backend_start
     WHERE l.expires_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)`,
  );
  const [lease] = rows;
  if (lease !== undefined) throw new BackupError(`${lease.holder} is at work: stop it, then try again`);
}

/** `<schema>_before_<UTC day and time>`; PostgreSQL cuts names, so that ours is cut first. */
async function rename(client: Asked, schema: string): Promise<string> {
  const { rows } = await client.query<{ stamp: string }>(
    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS_MS') AS stamp`,
  );
  const ending = `_before_${rows[0]?.stamp}`;
  const name = `${Buffer.from(schema)
    .subarray(0, 63 - ending.length)
    .toString('utf8')
    .replaceAll('\ufffd', '')}${ending}`;
  await client.query(`ALTER SCHEMA ${pg.escapeIdentifier(schema)} RENAME TO ${pg.escapeIdentifier(name)}`);
  return name;
}
