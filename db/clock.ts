/** What only grows: the database's clock, and the numbers it gives out. */
import type { Knex } from 'knex';
import { oneRow } from './typed.ts';

/** The database's clock: the one clock every decision is made by. */
export async function readClock(knex: Knex): Promise<number> {
  const { now } = await oneRow<{ readonly now: number }>(
    knex,
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
  );
  return now;
}

/** Draw that many numbers that were never given out before. @returns the first of them */
export async function drawNumbers(tx: Knex, count: number): Promise<number> {
  const { serial } = await oneRow<{ readonly serial: number }>(
    tx,
    'UPDATE installation SET serial = serial + ? RETURNING serial',
    [count],
  );
  return serial - count + 1;
}
