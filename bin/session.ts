/** What a command works with: the state folder, the database, the sites. Opened when needed, closed at the end. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { type Database, openDatabase } from '../db/database.ts';
import { migrate, schemaState } from '../db/migrate.ts';
import { postgresRecords } from '../db/records.ts';
import { ensureServer, findServer, serverStatus } from '../db/server/embedded.ts';
import { guarded } from '../reconcilers/act/guard.ts';
import { previewRecords } from '../reconcilers/act/preview-records.ts';
import { manifestFiles } from '../reconcilers/drivers/manifest.ts';
import { isEmbeddedSite, type OpenSite, openSite } from '../reconcilers/drivers/registry.ts';
import type { Records } from '../reconcilers/model/records.ts';
import type { SiteSpec } from '../specs/types.ts';
import { UserError } from './failure.ts';
import { locatePlaces } from './locate-places.ts';

export interface Session {
  readonly stateDir: string;
  readonly records: Records;
  /** null in a dry run without a database. */
  readonly database: Database | null;
  /** Why a dry run plans from an empty memory; null where it does not. */
  readonly emptyMemory: string | null;
  readonly manifest: typeof manifestFiles;
  siteOf(site: SiteSpec): OpenSite;
  close(): Promise<void>;
}

/** Our tables' schema; another one keeps two installations apart in one database. */
export const SCHEMA = process.env.RERECO_SCHEMA ?? 'rereco';

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

export interface SessionOptions {
  readonly readOnly: boolean;
  /** The sites that will be worked on; all must be embedded ones, or name a database. */
  readonly sites: readonly SiteSpec[];
  readonly signal: AbortSignal;
  readonly command: string;
  /** A state folder of its own, with its own embedded server whatever `DATABASE_URL` says. */
  readonly stateDir?: string;
}

/**
 * Open a session, starting the embedded server and migrating where that is
 * allowed.
 *
 * @throws UserError where DATABASE_URL is needed and missing
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { readOnly } = options;
  const stateDir = options.stateDir ?? stateFolder();
  const connect = () => connection(stateDir, options);
  const where = await connect();
  const database = await openOwn(where, options);
  const sites = new Map<string, OpenSite>();
  const holder = `${options.command} on ${hostname()} (process ${process.pid})`;
  const own = database && postgresRecords(database, holder);
  const records = readOnly ? previewRecords(own, Date.now) : own;
  if (records === null) throw new UserError('no database');

  const session: Session = {
    stateDir,
    records,
    database,
    emptyMemory: database === null ? emptyMemory(where !== undefined) : null,
    manifest: manifestFiles,
    siteOf(site) {
      const key = JSON.stringify(site);
      const known = sites.get(key);
      if (known !== undefined) return known;
      const open = openSite(site, {
        readOnly,
        catalogConnection: async () => {
          const found = await connect();
          return typeof found === 'string' ? { connectionString: found } : found;
        },
      });
      const ports = guarded(open.ports, { site, records, mayMake: !readOnly });
      sites.set(key, { ...open, ports });
      return { ...open, ports };
    },
    async close() {
      // One that cannot be closed must not keep the others open, and with them the process.
      const closed = await Promise.allSettled([
        ...[...sites.values()].map((site) => site.close()),
        own?.close(),
        database?.close(),
      ]);
      for (const one of closed) if (one.status === 'rejected') throw one.reason;
    },
  };
  if (readOnly || database === null) return session;
  try {
    const storesOf = (site: SiteSpec) => session.siteOf(site).ports.stores;
    await locatePlaces(database.knex, records, storesOf, options.signal);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

function emptyMemory(hasServer: boolean): string {
  const why = hasServer
    ? 'the database has no schema of this version yet (`rereco db migrate`)'
    : 'there is no database yet';
  return `${why}: planning from an empty memory`;
}

/** Whether there may be something on record; nothing is started or made. */
export async function hasRecords(signal: AbortSignal): Promise<boolean> {
  if (process.env.DATABASE_URL) return true;
  return (await serverStatus(stateFolder(), signal)).state !== 'none';
}

/** How PostgreSQL is reached; undefined in a dry run that finds none. */
async function connection(stateDir: string, options: SessionOptions) {
  const { readOnly, sites, signal } = options;
  if (process.env.DATABASE_URL && options.stateDir === undefined) return process.env.DATABASE_URL;
  const outside = sites.find((site) => !isEmbeddedSite(site) && !site.embeddedDatabase);
  if (outside !== undefined) {
    throw new UserError(
      `site ${outside.name} uses outside systems, so its state belongs in a PostgreSQL of your own: ` +
        'set DATABASE_URL=postgres://user@host/database, or `embeddedDatabase: true` in the site',
    );
  }
  const server = readOnly ? await findServer(stateDir, signal) : await ensureServer(stateDir, signal);
  return server && { ...server };
}

async function openOwn(
  where: Awaited<ReturnType<typeof connection>>,
  { readOnly }: SessionOptions,
): Promise<Database | null> {
  if (where === undefined) return null;
  if (!readOnly) {
    const database = openDatabase(where, SCHEMA);
    try {
      await migrate(database);
      return database;
    } catch (error) {
      await database.close();
      throw error;
    }
  }
  const readOnlySetting = { options: '-c default_transaction_read_only=on' };
  const given = typeof where === 'string' ? { connectionString: where } : where;
  const database = openDatabase({ ...given, ...readOnlySetting }, SCHEMA);
  try {
    if ((await schemaState(database)) === 'current') return database;
  } catch (error) {
    await database.close();
    throw error;
  }
  await database.close();
  return null;
}
