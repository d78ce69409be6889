/** A campaign on record in a schema of its own, with everything in it that is hard to copy. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { writeBackup } from '../../../db/backup/backup.ts';
import { checkBackup } from '../../../db/backup/check.ts';
import type { Existing } from '../../../db/backup/make-room.ts';
import { type RestoreOptions, restoreBackup } from '../../../db/backup/restore.ts';
import { type Database, openDatabase } from '../../../db/database.ts';
import { migrate } from '../../../db/migrate.ts';
import { MIGRATIONS } from '../../../db/migrations/index.ts';
import { ensureSchema, tablesOf } from '../../../reconcilers/drivers/catalog/embedded/schema.ts';
import { type TestDatabase, testDatabase } from '../../postgres.ts';

export const never = new AbortController().signal;
const quiet = () => undefined;

/** A campaign's schema and its catalog's. */
export interface Place {
  readonly database: Database;
  readonly schema: string;
  readonly catalog: string;
}

export interface BackupWorld {
  readonly folder: string;
  at(name: string): string;
  /** Schemas that are not made yet. */
  place(): Place;
  /** Schemas with a campaign in them. */
  campaign(): Promise<Place>;
  query(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** Every row of a schema, by table, in a form that can be compared. */
  rowsOf(schema: string): Promise<ReadonlyMap<string, string>>;
  /** Schemas whose name begins so. */
  schemas(prefix: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Texts in which every character that COPY, JSON or SQL treats as its own occurs. */
export const HARD = 'tab\t line\n return\r back\\slash \\N \\. "quoted" \'single\' {,} ünï ☃ 😀';

export async function aBackupWorld(): Promise<BackupWorld> {
  const server: TestDatabase = await testDatabase();
  const folder = await mkdtemp(path.join(tmpdir(), 'rereco-backup-'));
  const client = new pg.Client(server.connection);
  await client.connect();
  const places: Place[] = [];
  const query = async (text: string, values: readonly unknown[] = []) =>
    (await client.query(text, [...values])).rows;
  const place = () => {
    const schema = server.schema('backup');
    const database = openDatabase(server.connection, schema);
    const made = { database, schema, catalog: server.schema('backup_catalog') };
    places.push(made);
    return made;
  };
  const schemas = async (prefix: string) => {
    const rows = await query(
      'SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, $1) ORDER BY 1',
      [prefix],
    );
    return rows.map(({ name }) => String(name));
  };
  return {
    folder,
    place,
    query,
    schemas,
    at: (name) => path.join(folder, name),
    async campaign() {
      const made = place();
      await migrate(made.database);
      await fill(client, made);
      return made;
    },
    rowsOf: (schema) => rowsOf(query, schema),
    async close() {
      for (const { database } of places) await database.close();
      // What a restore has put aside bears the name of what it was.
      for (const name of places.flatMap(({ schema, catalog }) => [schema, catalog])) {
        for (const kept of await schemas(`${name}_before_`)) await query(`DROP SCHEMA "${kept}" CASCADE`);
      }
      await client.end();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Write a backup of a place into a file. */
export async function backUp(
  { database, schema, catalog }: Place,
  file: string,
): ReturnType<typeof writeBackup> {
  const source = { connection: database.connection, schema, catalogSchema: catalog, program: '0.0.1' };
  return writeBackup({ ...source, tell: quiet }, createWriteStream(file), never);
}

/** Restore a file into a place. */
export async function restore(
  { database, catalog }: Place,
  file: string,
  existing: Existing = 'refuse',
  more: Partial<RestoreOptions> = {},
): ReturnType<typeof restoreBackup> {
  const backup = await checkBackup(file, quiet, never);
  const options = { database, backup, catalog: catalogIn(catalog), existing, migrations: MIGRATIONS };
  return restoreBackup({ ...options, tell: quiet, ...more }, never);
}

/** The catalog's schema under a name of our own. */
export function catalogIn(schema: string): RestoreOptions['catalog'] {
  return {
    schema,
    async make(client) {
      const query = async (text: string, values: readonly unknown[] = []) =>
        (await client.query(text, [...values])).rows;
      await ensureSchema({ query }, tablesOf(schema));
    },
  };
}

async function fill(client: pg.Client, { schema, catalog }: Place): Promise<void> {
  await client.query(`SET search_path TO "${schema}"`);
  const loaded = JSON.stringify({ site: { catalog: { driver: 'embedded' } }, note: HARD });
  await client.query(
    `INSERT INTO datasets (name, request_id, generation, source_file, members_kept) VALUES ('p17', 4711, 1, '/p17', $1)`,
    [HARD],
  );
  await client.query(
    `INSERT INTO generations (dataset_id, number, revision, digest, loaded, applied_ms) VALUES (1, 1, 'a', 'b', $1, 9)`,
    [loaded],
  );
  await client.query(`INSERT INTO file_details (dataset_id, kind, name, data_tier, run, size_bytes, created_ms)
    SELECT 1, 'input', 'f' || i, 'raw', NULL, 9007199254740991, 1 FROM generate_series(1, 500) i`);
  // A row that refers to a later one of its own table: rows are not in an order that foreign keys know.
  await client.query(`INSERT INTO file_details (id, dataset_id, kind, name, data_tier, parent_id, created_ms)
    VALUES (100000, 1, 'output', 'o1', 'dst', 1, 1); UPDATE file_details SET parent_id = 100000 WHERE id = 1;
    SELECT setval('file_ids', 100000)`);
  await client.query(`INSERT INTO input_states (file_id, dataset_id, state, since_ms, machine_version)
    SELECT id, 1, 'pending', 1, 1 FROM file_details WHERE kind = 'input'`);
  await client.query(
    `INSERT INTO passes (dataset_id, phase, holder, epoch, at_ms) VALUES (1, 'verify', 'test', 7, 1)`,
  );
  await client.query(`INSERT INTO leases (dataset_id, phase, holder, backend_pid, backend_start, epoch, expires_ms)
    VALUES (1, 'verify', 'test', 1, 'never', 7, 99999999999999)`);
  await client.query('UPDATE installation SET serial = 42');
  await catalogIn(catalog).make(client);
  await client.query(
    `INSERT INTO "${catalog}".files (name, checksums, parents, metadata, declared, manifests) VALUES ($1, $2, $3, $4, true, '{}')`,
    ['o1', ['adler32:00', HARD], ['f1', 'NULL', ''], `{"nul": "\\u0000", "a": 1, "a": 2}`],
  );
  await client.query('SET search_path TO DEFAULT');
}

async function rowsOf(query: BackupWorld['query'], schema: string): Promise<ReadonlyMap<string, string>> {
  const tables = await query(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 AND table_type = 'BASE TABLE' ORDER BY 1`,
    [schema],
  );
  const rows = new Map<string, string>();
  for (const { name } of tables) {
    const [row] = await query(
      `SELECT count(*) || ' ' || md5(COALESCE(string_agg(CAST(t AS text), E'\\n' ORDER BY CAST(t AS text) COLLATE "C"), '')) AS sum
       FROM "${schema}"."${name}" t`,
    );
    rows.set(String(name), String(row?.sum));
  }
  return rows;
}
