/** The rows of a backup into tables that were just made, and are nobody's yet. */
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Progress } from './backup.ts';
import { type Asked, type ForeignKey, foreignKeysIn, qualified, tablesIn } from './catalogue.ts';
import type { CheckedBackup } from './check.ts';
import { BackupError } from './errors.ts';
import { type Part, placeOf, type TableInBackup } from './manifest.ts';
import { sectionsOf } from './read-tar.ts';

/** A part of the backup and the schema it goes to. */
export interface Target {
  readonly part: Part;
  readonly schema: string;
}

/** A target that is ready to be loaded. */
export interface Prepared extends Target {
  readonly tables: readonly TableInBackup[];
  /** Tables that are not rereco's own; their rows stay in the file. */
  readonly leftOut: readonly string[];
  readonly foreignKeys: readonly ForeignKey[];
}

/**
 * Empty the tables of a target, without the foreign keys between them: rows come
 * table by table, and are checked all at once when they are there.
 *
 * @throws BackupError when a table has columns here that it has not in the backup, or the other way round
 */
export async function prepare(client: Asked, { part, schema }: Target): Promise<Prepared> {
  const there = new Map((await tablesIn(client, schema)).map((table) => [table.name, table.columns]));
  const tables = part.tables.filter(({ name }) => there.has(name));
  for (const { name, columns } of tables)
    refuseOtherColumns(placeOf(part, { name }), columns, there.get(name));
  const foreignKeys = await foreignKeysIn(client, schema);
  for (const { table, name } of foreignKeys) {
    await client.query(
      `ALTER TABLE ${qualified(schema, table)} DROP CONSTRAINT ${pg.escapeIdentifier(name)}`,
    );
  }
  await triggers(client, schema, tables, 'DISABLE');
  if (tables.length > 0) {
    await client.query(`TRUNCATE ${tables.map(({ name }) => qualified(schema, name)).join(', ')}`);
  }
  const leftOut = part.tables.filter(({ name }) => !there.has(name)).map(({ name }) => name);
  return { part, schema, tables, leftOut, foreignKeys };
}

function refuseOtherColumns(
  place: string,
  columns: readonly string[],
  there: readonly string[] | undefined,
): void {
  const [unknown] = columns.filter((column) => !there?.includes(column));
  if (unknown === undefined) return;
  throw new BackupError(
    `${place} has a column ${unknown} in the backup that this rereco does not know: restore it with the one that made it`,
  );
}

/**
 * Copy the rows of every prepared table, reading the file once.
 *
 * @returns how many rows there are now
 * @throws BackupError when the file is not any more what it was when it was checked
 */
export async function loadRows(
  client: pg.ClientBase,
  prepared: readonly Prepared[],
  { file, sizeBytes, sums }: CheckedBackup,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<number> {
  const targets = new Map(
    prepared.flatMap(({ part, schema, tables }) =>
      tables.map((table) => [placeOf(part, table), { schema, table }] as const),
    ),
  );
  let bytes = 0;
  let rows = 0;
  for await (const section of sectionsOf(file, signal)) {
    const target = targets.get(section.name);
    const sum = createHash('sha256');
    const passing = async function* () {
      for await (const chunk of section.bytes) {
        sum.update(chunk);
        bytes += chunk.length;
        tell({ table: section.name, bytes, ofBytes: sizeBytes });
        yield chunk;
      }
    };
    if (target === undefined) for await (const _ of passing());
    else rows += await copyIn(client, target.schema, target.table, passing(), signal);
    if (target !== undefined && sum.digest('hex') !== sums.get(section.name)) {
      throw new BackupError(`${file} was changed while it was restored; nothing was, try again`);
    }
  }
  return rows;
}

async function copyIn(
  client: pg.ClientBase,
  schema: string,
  table: TableInBackup,
  bytes: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<number> {
  const columns = table.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const copy = client.query(
    copyFrom(
      `COPY ${qualified(schema, table.name)} (${columns}) FROM STDIN WITH (FORMAT text, ENCODING 'UTF8')`,
    ),
  );
  await pipeline(bytes, copy, { signal });
  if (copy.rowCount === table.rows) return table.rows;
  throw new Error(`${schema}.${table.name}: ${copy.rowCount} rows came where the backup names ${table.rows}`);
}

/** Everything that waited for the rows: numbers go on above them, foreign keys hold, plans know them. */
export async function finish(client: Asked, prepared: Prepared): Promise<void> {
  const { part, schema, tables, foreignKeys } = prepared;
  for (const { name, lastValue, isCalled } of part.sequences) {
    await client.query(
      'SELECT setval(c.oid::regclass, $3::bigint, $4) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace ' +
        "WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'S'",
      [schema, name, lastValue, isCalled],
    );
  }
  for (const { table, name, definition } of foreignKeys) {
    await client.query(
      `ALTER TABLE ${qualified(schema, table)} ADD CONSTRAINT ${pg.escapeIdentifier(name)} ${definition}`,
    );
  }
  await triggers(client, schema, tables, 'ENABLE');
  for (const { name } of tables) await client.query(`ANALYZE ${qualified(schema, name)}`);
}

/** What fires at an insert is meant for what happens, not for what is remembered. */
async function triggers(
  client: Asked,
  schema: string,
  tables: readonly TableInBackup[],
  turn: 'ENABLE' | 'DISABLE',
): Promise<void> {
  for (const { name } of tables) {
    await client.query(`ALTER TABLE ${qualified(schema, name)} ${turn} TRIGGER USER`);
  }
}
