/** A backup into a schema, all of it or nothing: one transaction, whatever is killed in the middle. */
import type { Knex } from 'knex';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { endLeases } from '../leases.ts';
import { migrateWithin } from '../migrate.ts';
import type { Migration } from '../migrations/index.ts';
import { hasCode } from '../server/errors.ts';
import type { Progress } from './backup.ts';
import { cancellable } from './cancel.ts';
import type { Asked } from './catalogue.ts';
import { type CheckedBackup, migrationsOf } from './check.ts';
import { BackupError } from './errors.ts';
import { finish, loadRows, type Prepared, prepare } from './load.ts';
import { type Existing, makeRoomForCampaign, makeRoomForCatalog, type Room } from './make-room.ts';
import { partsOf } from './manifest.ts';

/** The embedded catalog's schema, which only its driver can make. */
export interface CatalogSchema {
  readonly schema: string;
  /** Make its tables where they are missing. @throws an error when they are of a version it does not know */
  make(client: Asked): Promise<void>;
}

export interface RestoreOptions {
  readonly database: Database;
  readonly backup: CheckedBackup;
  readonly catalog: CatalogSchema;
  readonly existing: Existing;
  /** All that this program has. */
  readonly migrations: readonly Migration[];
  readonly tell: (progress: Progress) => void;
}

export interface Restored {
  readonly tables: number;
  readonly rows: number;
  /** The schemas under which what was there before is kept. */
  readonly keptAs: readonly string[];
  /** `campaign/notes`: tables of other people, which stay in the file. */
  readonly leftOut: readonly string[];
  /** Migrations that the backup did not have yet. */
  readonly migrated: readonly string[];
}

const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Make the database what it was when the backup was made, and bring it up to
 * this program's schema. Until that is committed, nobody sees anything of it, and
 * whoever asks for what was there waits.
 *
 * @throws BackupError when that cannot be done, or would take something away
 */
export async function restoreBackup(options: RestoreOptions, signal: AbortSignal): Promise<Restored> {
  const { database, backup, migrations } = options;
  const ofBackup = migrationsOf(backup, migrations);
  try {
    return await database.knex.transaction(async (transaction) => {
      const client = await connectionOf(transaction);
      const restored = await cancellable(client, database.connection, signal, () =>
        restoreWithin(transaction, client, ofBackup, options, signal),
      );
      // What was asked to stop must not be found done.
      signal.throwIfAborted();
      return restored;
    });
  } catch (error) {
    if (!hasCode(error, INSUFFICIENT_PRIVILEGE) || !(error instanceof Error)) throw error;
    throw new BackupError(`this database user may not make or rename the schemas: ${error.message}`, {
      cause: error,
    });
  }
}

async function restoreWithin(
  transaction: Knex.Transaction,
  client: pg.Client,
  ofBackup: readonly Migration[],
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<Restored> {
  const { database, backup, catalog, existing, migrations, tell } = options;
  const { schema } = database;
  const { campaign, catalog: catalogPart } = partsOf(backup.manifest);
  await client.query('SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0');

  const rooms: Room[] = [await makeRoomForCampaign(client, schema, existing)];
  await migrateWithin(transaction, schema, ofBackup);
  const prepared: Prepared[] = [await prepare(client, { part: campaign, schema })];
  if (catalogPart !== null) {
    rooms.push(await makeRoomForCatalog(client, catalog.schema, existing));
    await catalog.make(client);
    prepared.push(await prepare(client, { part: catalogPart, schema: catalog.schema }));
  }
  const rows = await loadRows(client, prepared, backup, tell, signal);
  for (const target of prepared) await finish(client, target);
  // Once more: the rows say which version of the catalog they are of.
  if (catalogPart !== null) await catalog.make(client);
  const migrated = await migrateWithin(transaction, schema, migrations);
  await endLeases(transaction, Math.max(0, ...rooms.map(({ highestEpoch }) => highestEpoch)));
  return {
    rows,
    tables: prepared.reduce((sum, { tables }) => sum + tables.length, 0),
    keptAs: rooms.flatMap(({ keptAs }) => (keptAs === null ? [] : [keptAs])),
    leftOut: prepared.flatMap(({ part, leftOut }) => leftOut.map((name) => `${part.name}/${name}`)),
    migrated,
  };
}

/** The connection behind a transaction, for COPY, which knex has no words for. */
async function connectionOf(transaction: Knex.Transaction): Promise<pg.Client> {
  const client: pg.Client = await transaction.client.acquireConnection();
  return client;
}
