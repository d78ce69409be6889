import type { Knex } from 'knex';
import type { Lease, PassRecords, Records, Writing } from '../reconcilers/model/records.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import { readBytes } from './bytes.ts';
import { drawNumbers, readClock } from './clock.ts';
import { commit } from './commit.ts';
import type { Database } from './database.ts';
import { datasetRecords } from './dataset-records.ts';
import { readHolds } from './holds.ts';
import { confirmLease, releaseLease, takeLease } from './leases.ts';
import { memberRecords } from './member-records.ts';
import { readPages, rereadPage } from './pages.ts';
import { readOwners, readReaders, readTold } from './places.ts';
import { openSession, type Session } from './session.ts';
import { siteRecords } from './site-records.ts';
import { sweepRecords } from './sweeping.ts';
import { readTotals } from './totals.ts';
import { StaleRow } from './update-rows.ts';
import { insertWaivers } from './waivers.ts';

/**
 * The records of the reconcilers in PostgreSQL.
 *
 * @param holder  who writes: command, host and process, for people and leases
 */
export function postgresRecords(database: Database, holder: string): Records & { close(): Promise<void> } {
  const { knex } = database;
  const session = openSession(database);

  return {
    ...siteRecords(knex),
    ...datasetRecords(knex, holder),
    ...memberRecords(knex, holder),
    ...passRecords(knex, session, holder),
    sweeping: sweepRecords(knex, session, holder),
    close: () => session.close(),
  };
}

function passRecords(knex: Knex, session: Session, holder: string): PassRecords {
  return {
    room: (site, mostJobs) => readRoom(knex, site, mostJobs),
    pages: (dataset, scope) => readPages(knex, dataset, scope),

    async lease(dataset, phase) {
      return takeLease(knex, session, dataset, phase, { holder, nowMs: await readClock(knex) });
    },
    renew: async (lease) => confirmLease(knex, lease, await readClock(knex)),
    release: (lease) => releaseLease(knex, lease),

    write: (lease, dataset, work) =>
      knex
        .transaction(async (tx) => {
          const atMs = await readClock(tx);
          await confirmLease(tx, lease, atMs);
          return work(writing(tx, lease, dataset, { holder, atMs }));
        })
        .catch(crossed),

    owners: (places) => readOwners(knex, places),
    readers: (names) => readReaders(knex, names),
    toldOf: (dataset, files, kinds) => readTold(knex, dataset, files, kinds),
  };
}

const DEADLOCK = '40P01';

/** Two phases that wrote the same rows in another order: this one is undone, and comes again. */
function crossed(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === DEADLOCK) {
    throw new StaleRow('another phase wrote the same rows at the same time', { cause: error });
  }
  throw error;
}

function writing(
  tx: Knex,
  lease: Lease,
  dataset: DatasetRow,
  { holder, atMs }: { readonly holder: string; readonly atMs: number },
): Writing {
  return {
    reread: (page, scope) => rereadPage(tx, dataset, page, scope),
    totals: () => readTotals(tx, dataset),
    bytes: () => readBytes(tx, dataset),
    room: (site, mostJobs) => takeRoom(tx, site, mostJobs),
    owners: (places) => readOwners(tx, places),
    holds: () => readHolds(tx, dataset),
    numbers: (count) => drawNumbers(tx, count),
    waive: (entries) => insertWaivers(tx, entries, { dataset, atMs }),
    commit: (change) => commit(tx, change, { dataset, phase: lease.phase, holder, epoch: lease.epoch, atMs }),
  };
}

async function takeRoom(tx: Knex, site: string, mostJobs: number): Promise<number> {
  await tx.raw("INSERT INTO site_limits (site, kind) VALUES (?, 'jobs') ON CONFLICT DO NOTHING", [site]);
  await tx.raw("SELECT 1 FROM site_limits WHERE site = ? AND kind = 'jobs' FOR UPDATE", [site]);
  return readRoom(tx, site, mostJobs);
}

async function readRoom(knex: Knex, site: string, mostJobs: number): Promise<number> {
  const { rows } = await knex.raw(
    `SELECT count(*) AS live FROM submissions b JOIN submission_jobs j ON j.submission_id = b.id
     WHERE b.site = ? AND b.phase = 'process' AND b.state <> 'closed' AND j.status IN ('pending', 'running')`,
    [site],
  );
  return Math.max(0, mostJobs - rows[0].live);
}
