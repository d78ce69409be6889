/** What a schema holds, asked of PostgreSQL itself: no list in code that a migration could forget. */
import pg from 'pg';
import type { SequenceValue } from './manifest.ts';

/** A connection, inside a transaction of the caller's. */
export type Asked = Pick<pg.ClientBase, 'query'>;

export interface TableColumns {
  readonly name: string;
  /** Those that hold a value of their own, in the table's order; generated ones are made again. */
  readonly columns: readonly string[];
}

/** A table's name for SQL, with its schema. */
export function qualified(schema: string, name: string): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/** Every table with rows of its own, in the order of names; empty where there is no such schema. */
export async function tablesIn(client: Asked, schema: string): Promise<readonly TableColumns[]> {
  const { rows } = await client.query<{ name: string; columns: string[] | null }>(
    `SELECT c.relname AS name,
       array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '') AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE n.nspname = $1 AND c.relkind = 'r' GROUP BY c.relname ORDER BY c.relname COLLATE "C"`,
    [schema],
  );
  return rows.flatMap(({ name, columns }) => (columns === null ? [] : [{ name, columns }]));
}

/** Where every sequence stands, those behind identity columns too, in the order of names. */
export async function sequencesIn(client: Asked, schema: string): Promise<readonly SequenceValue[]> {
  const { rows: sequences } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind = 'S' ORDER BY c.relname COLLATE "C"`,
    [schema],
  );
  const values: SequenceValue[] = [];
  for (const { name } of sequences) {
    const { rows } = await client.query<{ lastValue: string; isCalled: boolean }>(
      `SELECT last_value::text AS "lastValue", is_called AS "isCalled" FROM ${qualified(schema, name)}`,
    );
    values.push(...rows.map((row) => ({ name, ...row })));
  }
  return values;
}

/** A foreign key with the text that makes it again. */
export interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

/** The foreign keys between tables of a schema, which must be first in the search path. */
export async function foreignKeysIn(client: Asked, schema: string): Promise<readonly ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(
    `SELECT t.relname AS table, c.conname AS name, pg_get_constraintdef(c.oid) AS definition
     FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
     WHERE n.nspname = $1 AND c.contype = 'f' AND c.conparentid = 0 ORDER BY t.relname, c.conname`,
    [schema],
  );
  return rows;
}
