import type { Knex } from 'knex';

/** A row was not as it was read, though nobody else may write it: the transaction is undone. */
export class StaleRow extends Error {
  override readonly name = 'StaleRow';
}

/** Every row that is written has them. */
export interface Row {
  readonly id: number;
  readonly state: string;
}

/** A table whose rows are written by number. */
export interface Target {
  readonly table: string;
  readonly key: string;
  /** Columns that must still be as they were read. */
  readonly asRead: readonly string[];
}

/**
 * Write the columns of rows by number, where they still are as they were read.
 *
 * One statement with the rows as JSON: every row may have values of its own. The rows are
 * taken out of it once, and found by their number alone. What they were is compared by
 * `IS NOT DISTINCT FROM`, by which nothing can be joined: in a campaign thousands of rows are
 * alike in all that is compared, and a join by that looks at every pair of them.
 */
export async function updateRows<R extends Row>(
  tx: Knex,
  { table, key, asRead }: Target,
  columns: ReadonlyMap<string, string>,
  changed: readonly { readonly before: R; readonly after: R }[],
): Promise<void> {
  if (changed.length === 0) return;
  const written = [...columns].filter(([, column]) => column !== key);
  const lineOf = (row: R, among: typeof written) =>
    Object.fromEntries(among.map(([field, column]) => [column, row[field as keyof R]]));
  const compared = written.filter(([, column]) => asRead.includes(column));
  const lines = changed.map(({ before, after }) => ({
    was: lineOf(before, compared),
    line: { [key]: before.id, ...lineOf(after, written) },
  }));
  const sets = written.map(([, column]) => `${column} = v.${column}`).join(', ');
  const same = asRead.map((column) => `AND t.${column}::text IS NOT DISTINCT FROM v.was ->> '${column}'`);
  const { rowCount } = await tx.raw(
    `WITH v AS MATERIALIZED (
       SELECT r.*, j.was FROM jsonb_to_recordset(?::jsonb) AS j(was jsonb, line jsonb),
         LATERAL jsonb_populate_record(NULL::${table}, j.line) AS r)
     UPDATE ${table} t SET ${sets} FROM v WHERE t.${key} = v.${key} ${same.join(' ')}`,
    [JSON.stringify(lines)],
  );
  if (rowCount !== changed.length) {
    throw new StaleRow(`${changed.length - Number(rowCount)} rows of ${table} changed under the pass`);
  }
}
