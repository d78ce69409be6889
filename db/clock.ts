/** What only grows: the database's clock, and the numbers it gives out. */
import type { Knex } from 'knex';

/** The database's clock: the one clock every decision is made by. */
export async function readClock(knex: Knex): Promise<number> {
  const { rows } = await knex.raw(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
  );
  return rows[0].now;
}

/** Draw that many numbers that were never given out before. @returns the first of them */
export async function drawNumbers(tx: Knex, count: number): Promise<number> {
  const { rows } = await tx.raw('UPDATE installation SET serial = serial + ? RETURNING serial', [count]);
  return rows[0].serial - count + 1;
}
