import type { CatalogFile } from '../../../ports/catalog.ts';
import type { DriverError } from '../../../ports/errors.ts';
import { type Connection, openDatabase, type Session, type SessionMode } from './database.ts';
import { heldFiles, imaginedCatalog, presentFiles } from './read-only.ts';
import { refresh, staleManifests } from './refresh.ts';
import { ensureSchema, schemaExists, type Tables, tablesOf } from './schema.ts';

export interface AccessOptions {
  readonly connection: Connection;
  readonly schema: string;
  readonly timeoutMs: number;
}

/** Where `members` and `describe` find their answer. */
export interface Readable {
  /** What is wrong with manifests: of those, the last good import stands. */
  readonly problems: readonly DriverError[];
  /** In the order of names; null: ask the schema. */
  readonly inMemory: readonly CatalogFile[] | null;
}

export type Work<T> = (session: Session) => Promise<T>;

/** The catalog's tables, and the ways to them. */
export interface Access {
  readonly tables: Tables;
  begin(mode: SessionMode, signal: AbortSignal): Promise<Session>;
  /** Commits what `work` did, or nothing of it. */
  transaction<T>(mode: SessionMode, signal: AbortSignal, work: Work<T>): Promise<T>;
  /** The same, with the time that statements over whole manifests take. */
  longTransaction<T>(mode: SessionMode, signal: AbortSignal, work: Work<T>): Promise<T>;
  /** Whether there is a database at all. */
  databaseThere(signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

/** How much longer a statement over a whole manifest may take than others. */
export const IMPORT_TIMES_LONGER = 10;

/** Ways to a catalog's tables. Connects to nothing by itself. */
export function openAccess({ connection, schema, timeoutMs }: AccessOptions): Access {
  const database = openDatabase(connection, timeoutMs);

  async function committed<T>(begin: Promise<Session>, work: Work<T>): Promise<T> {
    const session = await begin;
    try {
      const result = await work(session);
      await session.commit();
      return result;
    } finally {
      session.end();
    }
  }

  const begin = (mode: SessionMode, signal: AbortSignal) =>
    database.begin({ mode, signal, statementMs: timeoutMs });
  const beginLong = (mode: SessionMode, signal: AbortSignal) =>
    database.begin({ mode, signal, statementMs: timeoutMs * IMPORT_TIMES_LONGER });
  return {
    tables: tablesOf(schema),
    begin,
    transaction: (mode, signal, work) => committed(begin(mode, signal), work),
    longTransaction: (mode, signal, work) => committed(beginLong(mode, signal), work),
    databaseThere: (signal) => database.there(signal),
    close: () => database.close(),
  };
}

/** The schema, made where it is not there, with every changed manifest imported. */
export async function upToDate(
  access: Access,
  manifests: readonly string[],
  signal: AbortSignal,
): Promise<Readable> {
  const { tables } = access;
  const stale = await access.transaction('write', signal, async (session) => {
    await ensureSchema(session, tables);
    return staleManifests(session, tables, manifests);
  });
  const problems = await refresh(stale, tables, (work) => access.longTransaction('write', signal, work));
  return { problems, inMemory: null };
}

/** The same without any change: what would have to be imported is put together in memory. */
export async function imagined(
  access: Access,
  manifests: readonly string[],
  signal: AbortSignal,
): Promise<Readable> {
  const { tables } = access;
  const all = manifests.map((path) => ({ path, known: null }));
  const nothing = { held: new Map(), stale: all };
  const start = !(await access.databaseThere(signal))
    ? nothing
    : await access.longTransaction('read', signal, async (session) => {
        if (!(await schemaExists(session, tables))) return nothing;
        const stale = await staleManifests(session, tables, manifests);
        return stale.length === 0 ? null : { held: await heldFiles(session, tables), stale };
      });
  if (!start) return { problems: [], inMemory: null };

  const catalog = await imaginedCatalog(start.held, start.stale, signal);
  return { problems: catalog.problems, inMemory: presentFiles(catalog) };
}
