import type { Knex } from 'knex';
import type { Database } from './database.ts';
import { MIGRATIONS, type Migration, sourceOf } from './migrations/index.ts';

/** The database's schema and this program do not fit together; the message says what to do. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** Any number, the same for every program that migrates: "rereco" on a phone's keys. */
const MIGRATION_LOCK = 737326;

export type SchemaState = 'missing' | 'older' | 'current';

/**
 * How the database's schema compares with what this program needs. Reads only.
 *
 * @throws SchemaError when it is newer: an old program must not write it
 */
export async function schemaState({ knex, schema }: Database): Promise<SchemaState> {
  const { rows: tables } = await knex.raw('SELECT to_regclass(?) AS found', [
    `${quoted(schema)}.knex_migrations`,
  ]);
  if (tables[0].found === null) return 'missing';

  const { rows } = await knex.raw(`SELECT name FROM ${quoted(schema)}.knex_migrations`);
  const applied = new Set<string>(rows.map((row: { name: string }) => row.name));
  const known = new Set(MIGRATIONS.map((migration) => migration.name));
  const unknown = [...applied].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new SchemaError(
      `the database is newer than this program (it has ${unknown.join(', ')}); install the newer rereco`,
    );
  }
  return applied.size < known.size ? 'older' : 'current';
}

/**
 * Bring the schema up to date, making it where it is missing.
 *
 * All in one transaction under one lock: a program killed in the middle leaves
 * the schema as it was, and of several that start at once one migrates and the
 * others find it done.
 *
 * @returns the names of the migrations that were applied now
 * @throws SchemaError when the database is newer than this program
 */
export async function migrate(database: Database): Promise<readonly string[]> {
  if ((await schemaState(database)) === 'current') return [];

  return database.knex.transaction((transaction) => migrateWithin(transaction, database.schema, MIGRATIONS));
}

/**
 * The same inside a transaction of the caller's, who may want a schema of an
 * earlier day: only the migrations given are applied.
 *
 * @returns the names of the migrations that were applied now
 */
export async function migrateWithin(
  transaction: Knex.Transaction,
  schema: string,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  await transaction.raw('SELECT pg_advisory_xact_lock(?)', [MIGRATION_LOCK]);
  await transaction.raw(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
  await transaction.raw("SELECT set_config('search_path', ?, true)", [quoted(schema)]);
  const [, names] = await transaction.migrate.latest({
    migrationSource: sourceOf(migrations),
    schemaName: schema,
    disableTransactions: true,
  });
  return names as string[];
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
