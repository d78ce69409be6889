import type { Knex } from 'knex';
import { BY_RULE } from '../machines/model.ts';
import { type Lease, NoDataset, type Records, type Writing } from '../reconcilers/model/records.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import type { LoadedDataset } from '../specs/types.ts';
import { readBytes } from './bytes.ts';
import { drawNumbers, readClock } from './clock.ts';
import { commit, writeProblem } from './commit.ts';
import type { Database } from './database.ts';
import { noteHolds, readHolds } from './holds.ts';
import { confirmLease, keepLease, releaseLease, takeLease } from './leases.ts';
import { readArrivals } from './members/arrivals.ts';
import { readDescents, writeOrigins } from './members/descent.ts';
import { namesInPlace } from './members/problems.ts';
import { namesToFollow } from './members/sources.ts';
import { correctMembers, knownAmong, noteChanged, reconcileMembers } from './members.ts';
import { readPages, rereadPage } from './pages.ts';
import { readOwners, readReaders, readTold } from './places.ts';
import { COLUMNS } from './rows.ts';
import { openSession } from './session.ts';
import { sweepRecords } from './sweeping.ts';
import { readTotals } from './totals.ts';
import { StaleRow } from './update-rows.ts';

const HEALTH_EVERY_MS = 60_000;

/** How a hold by a rule ends where no person ended its cause. */
const CAUSE_GONE = { by: BY_RULE, because: 'its cause is gone' };

/**
 * The records of the reconcilers in PostgreSQL.
 *
 * @param holder  who writes: command, host and process, for people and leases
 */
export function postgresRecords(database: Database, holder: string): Records & { close(): Promise<void> } {
  const { knex } = database;
  const session = openSession(database);

  return {
    now: () => readClock(knex),

    async installation() {
      return await knex('installation').first('id', 'serial');
    },

    async markedPlaces(site) {
      return new Set(await knex('marked_places').where({ site }).pluck('place'));
    },

    async noteMarked(site, places, now) {
      const rows = places.map((place) => ({ site, place, since_ms: now }));
      await knex('marked_places').insert(rows).onConflict(['site', 'place']).ignore();
    },

    async raiseSerial(serial) {
      await knex.raw('UPDATE installation SET serial = GREATEST(serial, ?)', [serial]);
    },

    datasets: () => readDatasets(knex),
    dataset: (name) => readDataset(knex, name),
    totals: (dataset) => readTotals(knex, dataset),
    room: (site, mostJobs) => readRoom(knex, site, mostJobs),
    bytes: (dataset) => readBytes(knex, dataset),
    pages: (dataset, scope) => readPages(knex, dataset, scope),

    async lease(dataset, phase) {
      return takeLease(knex, session, dataset, phase, { holder, nowMs: await readClock(knex) });
    },
    renew: (lease) => keepLease(knex, lease),
    release: (lease) => releaseLease(knex, lease),

    write: (lease, dataset, work) =>
      knex
        .transaction(async (tx) => {
          const atMs = await readClock(tx);
          await confirmLease(tx, lease, atMs);
          return work(writing(tx, lease, dataset, { holder, atMs }));
        })
        .catch(crossed),

    apply: (loaded, now) => knex.transaction((tx) => applyGeneration(tx, loaded, now)),

    async orphan(dataset, orphaned, now) {
      await knex('datasets')
        .where({ id: dataset.id })
        .update({ orphaned_ms: orphaned ? now : null });
    },

    noteHolds: (dataset, found, nowMs, by = CAUSE_GONE) =>
      knex.transaction((tx) => noteHolds(tx, dataset, found, { ...by, holder, nowMs })),

    tell: (dataset, kind, problem, now, about = 'spec') =>
      writeProblem(knex, { kind, fileId: null, problem }, { datasetId: dataset.id, phase: about, atMs: now }),

    members: (dataset, ask, how) => reconcileMembers(knex, dataset, ask, how, holder),
    inPlace: (dataset) => namesInPlace(knex, dataset),
    noteChanged: (dataset, answer, now) => noteChanged(knex, dataset, answer, now),
    namesToFollow: (dataset) => namesToFollow(knex, dataset),
    correct: (dataset, answer, now) => correctMembers(knex, dataset, answer, { now, holder }),
    arrivals: (dataset) => readArrivals(knex, dataset),
    knownAmong: (dataset, names) => knownAmong(knex, dataset, names),

    descents: (dataset, members) => readDescents(knex, dataset, members),
    noteOrigins: (dataset, madeFrom) => writeOrigins(knex, dataset, madeFrom),

    owners: (places) => readOwners(knex, places),
    readers: (names) => readReaders(knex, names),
    toldOf: (dataset, files, kinds) => readTold(knex, dataset, files, kinds),

    sweeping: sweepRecords(knex, session, holder),

    async health(site, name, problem, now) {
      await knex.raw(
        `INSERT INTO systems AS s (site, name, healthy, message, since_ms, seen_ms)
         VALUES (:site, :name, :healthy, CAST(:problem AS text), :now, :now)
         ON CONFLICT (site, name) DO UPDATE SET healthy = EXCLUDED.healthy, message = EXCLUDED.message, seen_ms = EXCLUDED.seen_ms,
           since_ms = CASE WHEN s.healthy = EXCLUDED.healthy THEN s.since_ms ELSE EXCLUDED.since_ms END
         WHERE s.healthy <> EXCLUDED.healthy OR s.seen_ms <= EXCLUDED.seen_ms - ${HEALTH_EVERY_MS}`,
        { site, name, healthy: problem === null, problem, now },
      );
    },

    async answered(site, names, now) {
      await knex('systems')
        .where({ site, healthy: false })
        .whereIn('name', [...names])
        .update({ healthy: true, message: null, since_ms: now, seen_ms: now });
    },

    close: () => session.close(),
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
    commit: (change) => commit(tx, change, { dataset, phase: lease.phase, holder, epoch: lease.epoch, atMs }),
  };
}

const DATASETS = `SELECT ${COLUMNS.dataset} FROM datasets t
  JOIN generations g ON g.dataset_id = t.id AND g.number = t.generation`;

/** Every dataset with its generation in force, in name order. */
export async function readDatasets(knex: Knex): Promise<DatasetRow[]> {
  const { rows } = await knex.raw(`${DATASETS} ORDER BY t.name`);
  return rows;
}

async function readDataset(knex: Knex, name: string): Promise<DatasetRow> {
  const { rows } = await knex.raw(`${DATASETS} WHERE t.name = ?`, [name]);
  const [row] = rows;
  if (row === undefined) throw new NoDataset(`there is no dataset ${name} on record`);
  return row;
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

async function applyGeneration(tx: Knex, loaded: LoadedDataset, now: number): Promise<DatasetRow> {
  const { spec, origin } = loaded;
  await tx.raw('LOCK TABLE datasets IN SHARE ROW EXCLUSIVE MODE');
  const known = await tx('datasets').where({ name: spec.name }).first('id', 'generation');
  const number = (known?.generation ?? 0) + 1;
  const id = known?.id ?? (await insertDataset(tx, loaded));
  await tx('generations').insert({
    dataset_id: id,
    number,
    revision: loaded.revision,
    digest: loaded.digest,
    loaded: JSON.stringify(loaded),
    commit: origin.commit,
    author: origin.author,
    applied_ms: now,
  });
  await tx('datasets')
    .where({ id })
    .update({ generation: number, source_file: origin.file, orphaned_ms: null });
  return readDataset(tx, spec.name);
}

async function insertDataset(tx: Knex, { spec, origin }: LoadedDataset): Promise<number> {
  const { rows } = await tx.raw(
    `INSERT INTO datasets (name, request_id, generation, source_file)
     VALUES (?, COALESCE(?, (SELECT COALESCE(max(request_id), 0) + 1 FROM datasets)), 1, ?) RETURNING id`,
    [spec.name, spec.requestId, origin.file],
  );
  return rows[0].id;
}
