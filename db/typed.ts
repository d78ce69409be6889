/** Rows of SQL that is written out, with the type that the SQL gives them: knex knows none. */
import type { Knex } from 'knex';

type Bindings = readonly Knex.RawBinding[] | Knex.ValueDict;

/** `rowsOf` answers with the rows of a statement. */
export async function rowsOf<Row>(knex: Knex, sql: string, bindings: Bindings = []): Promise<Row[]> {
  const { rows } = await knex.raw<{ readonly rows: Row[] }>(sql, bindings);
  return rows;
}

/**
 * `oneRow` answers with the row of a statement that always has one, as sums have.
 *
 * @throws Error when there is none: a defect of ours
 */
export async function oneRow<Row>(knex: Knex, sql: string, bindings: Bindings = []): Promise<Row> {
  const [row] = await rowsOf<Row>(knex, sql, bindings);
  if (row === undefined)
    throw new Error(`no row where there is always one: ${sql.slice(0, 80)}; please report`);
  return row;
}
