/** Opening our tables, and what people are told where there are none, or no server answers. */
import { type Connection, type Database, openDatabase } from '../db/database.ts';
import { migrate, schemaState } from '../db/migrate.ts';
import { isDatabaseDown, Unreachable, UserError } from './failure.ts';
import { type Absence, noDatabase, noSchema, SCHEMA, withoutPassword } from './state.ts';

/**
 * What a session is for. `work` makes a database where there is none, and `repair` does not; both migrate an
 * older one. `look` and `preview` change nothing; without a database `preview` reads from an empty memory.
 */
export type SessionMode = 'work' | 'repair' | 'look' | 'preview';

/** Our tables, or why there are none. */
export type Own =
  | { readonly database: Database; readonly absence: null }
  | { readonly database: null; readonly absence: Absence };

/**
 * Open our tables as far as a mode allows.
 *
 * @param where  undefined where there is no database
 * @throws UserError where there are none and the mode needs them, and in a preview of an older schema, which would
 *   plan a campaign anew that has begun
 */
export async function openOwn(where: Connection | undefined, mode: SessionMode): Promise<Own> {
  if (where === undefined) return absent(noDatabase(), mode === 'preview');
  const database = openDatabase(isReadOnly(mode) ? readOnlyTo(where) : where, SCHEMA);
  try {
    const state = await reach(where, () => schemaState(database));
    const mayMigrate = mode === 'work' || (mode === 'repair' && state === 'older');
    if (mayMigrate) await reach(where, () => migrate(database));
    else if (state !== 'current') {
      await database.close();
      return absent(noSchema(state), mode === 'preview' && state === 'missing');
    }
    return { database, absence: null };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function absent(absence: Absence, mayBeEmpty: boolean): Own {
  if (mayBeEmpty) return { database: null, absence };
  throw new UserError(`${absence.sentence}; ${absence.remedy}`);
}

/** Whether a mode changes nothing. */
export function isReadOnly(mode: SessionMode): boolean {
  return mode === 'look' || mode === 'preview';
}

function readOnlyTo(where: Connection): Connection {
  const given = typeof where === 'string' ? { connectionString: where } : where;
  return { ...given, options: '-c default_transaction_read_only=on' };
}

/** PostgreSQL's codes for a wrong user, password, database or right. */
const REFUSED = /^(28...|3D000|42501)$/;

/**
 * Do what first needs the server.
 *
 * @throws UserError where the server refuses the user or the database | Unreachable where none answers
 */
export async function reach<T>(where: Connection, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (REFUSED.test(codeOf(error))) {
      throw new UserError(`${nameOf(where)} refuses: ${message}`, { cause: error });
    }
    if (!isDatabaseDown(error)) throw error;
    const what = `no answer from ${nameOf(where)}: ${message || codeOf(error)}`;
    throw new Unreachable(`${what}; nothing is lost: run the command again when it is there`, {
      cause: error,
    });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error ? String(Reflect.get(error, 'code')) : '';
}

function nameOf(where: Connection): string {
  if (typeof where === 'string') return `the server of DATABASE_URL (${withoutPassword(where)})`;
  return `the embedded server (${where.host}, port ${where.port})`;
}
