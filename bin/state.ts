/** Where the records of a campaign are: the state folder, the server of `DATABASE_URL`, and the schema. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { connectionProblem } from '../db/connection.ts';
import { UserError } from './failure.ts';

/** Our tables' schema; another one keeps two installations apart in one database. */
export const SCHEMA = process.env.RERECO_SCHEMA || 'rereco';

/**
 * The state folder: `$RERECO_STATE`, or the nearest `.rereco` at or above the
 * current folder, or a new one here.
 */
export function stateFolder(from = process.cwd()): string {
  if (process.env.RERECO_STATE) return path.resolve(process.env.RERECO_STATE);
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, '.rereco', 'postgres'))) return path.join(folder, '.rereco');
    if (path.dirname(folder) === folder) return path.join(from, '.rereco');
  }
}

/**
 * The state folder to look at: that of the demo played here where there is no campaign's.
 *
 * Only for commands that change no campaign: one that begins here is none of the demo's.
 */
export function lookedAtFolder(): string {
  const folder = stateFolder();
  const demo = path.resolve('.rereco', 'demo');
  if (process.env.RERECO_STATE || existsSync(path.join(folder, 'postgres'))) return folder;
  return existsSync(path.join(demo, 'postgres')) ? demo : folder;
}

/** `$DATABASE_URL`; undefined where it is not set. @throws UserError where it names no PostgreSQL */
export function databaseUrl(): string | undefined {
  const url = process.env.DATABASE_URL;
  if (!url) return undefined;
  const problem = connectionProblem(url);
  if (problem === null) return url;
  throw new UserError(
    `DATABASE_URL=${withoutPassword(url)} ${problem}; write postgres://user@host/database, or unset it for the embedded one`,
  );
}

/** The URL as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/^([^/]*\/\/[^/:@]*):[^/]*@/, '$1@').replace(/(password=)[^&]*/i, '$1…');
}

/** Why a command finds nothing on record. */
export interface Absence {
  /** What there is not, and where it was looked for. */
  readonly sentence: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** There is no database at all. */
export function noDatabase(): Absence {
  const named = process.env.RERECO_STATE;
  const where = named
    ? `in ${path.resolve(named)}, which RERECO_STATE names`
    : `here: neither ${process.cwd()} nor any folder above it has a .rereco with one`;
  return {
    sentence: `there is no database ${where}`,
    remedy:
      'go to the folder of your campaign, or name its state folder in RERECO_STATE or its server in DATABASE_URL; ' +
      'a new campaign begins with a spec and `rereco reconcile`',
  };
}

/** There is a database without tables of ours, or with those of an older program. */
export function noSchema(state: 'missing' | 'older'): Absence {
  const url = databaseUrl();
  const where =
    url === undefined ? `the database in ${stateFolder()}` : `the database ${withoutPassword(url)}`;
  if (state === 'older') {
    return {
      sentence: `${where} is of an older rereco (schema ${SCHEMA})`,
      remedy: '`rereco db migrate` brings it up to date',
    };
  }
  return {
    sentence: `${where} has no schema ${SCHEMA} yet`,
    remedy:
      '`rereco db migrate` makes it, and so does the first `rereco reconcile`; RERECO_SCHEMA names another',
  };
}
