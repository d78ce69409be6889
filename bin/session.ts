/** What a command works with: the state folder, the database, the sites. Opened when needed, closed at the end. */
import { hostname } from 'node:os';
import type { Connection, Database } from '../db/database.ts';
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
import { isReadOnly, openOwn, type SessionMode } from './own-database.ts';
import { databaseUrl, lookedAtFolder, stateFolder } from './state.ts';

export interface Session {
  readonly stateDir: string;
  readonly records: Records;
  /** null in a preview without a database. */
  readonly database: Database | null;
  /** Why a preview reads from an empty memory; null where it does not. */
  readonly emptyMemory: string | null;
  readonly manifest: typeof manifestFiles;
  siteOf(site: SiteSpec): OpenSite;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly mode: SessionMode;
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
 * @throws UserError where DATABASE_URL is needed and missing, and where records are needed and there are none
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { mode } = options;
  const readOnly = isReadOnly(mode);
  const stateDir = options.stateDir ?? (mode === 'look' ? lookedAtFolder() : stateFolder());
  const connect = () => connection(stateDir, options);
  const where = await connect();
  const { database, absence } = await openOwn(where, mode);
  const sites = new Map<string, OpenSite>();
  const holder = `${options.command} on ${hostname()} (process ${process.pid})`;
  const own = database && postgresRecords(database, holder);
  const records = readOnly ? previewRecords(own, Date.now) : own;
  if (records === null) throw new UserError('no database');

  const session: Session = {
    stateDir,
    records,
    database,
    emptyMemory: absence && `${absence.sentence}: planning from an empty memory`,
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

/** Whether there may be something on record; nothing is started or made. */
export async function hasRecords(signal: AbortSignal): Promise<boolean> {
  if (databaseUrl() !== undefined) return true;
  return (await serverStatus(stateFolder(), signal)).state !== 'none';
}

/** How PostgreSQL is reached; undefined in a dry run that finds none. */
async function connection(stateDir: string, options: SessionOptions): Promise<Connection | undefined> {
  const { mode, sites, signal } = options;
  const url = options.stateDir === undefined ? databaseUrl() : undefined;
  if (url !== undefined) return url;
  const outside = sites.find((site) => !isEmbeddedSite(site) && !site.embeddedDatabase);
  if (outside !== undefined) {
    throw new UserError(
      `site ${outside.name} uses outside systems, so its state belongs in a PostgreSQL of your own: ` +
        'set DATABASE_URL=postgres://user@host/database, or `embeddedDatabase: true` in the site',
    );
  }
  const server = await (mode === 'work' ? ensureServer(stateDir, signal) : findServer(stateDir, signal));
  return server && { ...server };
}
