/**
 * A small campaign on memory drivers and real records, its clock a number: a play whose
 * scenes change the world, so that passes can be tried in whatever state it has come to.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Database, openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { postgresRecords } from '../../db/records.ts';
import { folderSpool } from '../../reconcilers/drivers/spool/folder.ts';
import type { Traits } from '../../reconcilers/model/context.ts';
import type { Records } from '../../reconcilers/model/records.ts';
import type { SitePorts } from '../../reconcilers/ports/ports.ts';
import type { LoadedDataset } from '../../specs/types.ts';
import { aDataset } from '../builders.ts';
import { asPages } from '../db/records-world.ts';
import { memoryBatch } from '../memory/batch-system.ts';
import { memoryCatalog } from '../memory/catalog.ts';
import { memoryMover } from '../memory/mover.ts';
import { described, memoryStore } from '../memory/store.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';
import { anOutputSpec, aSite, aSpec, RETRY, someLimits } from '../spec-builders.ts';

/** What differs from one play to the next. */
export interface Setting {
  readonly files: number;
  readonly filesPerJob: number;
  readonly jobs: number;
  readonly maxQueued: number;
  readonly transfers: number;
  readonly scouts: number;
  /** Of each kind in one pass. */
  readonly budget: number;
  readonly when: 'fileDone' | 'datasetDone';
  readonly afterDone: 'keep' | 'release';
}

/** No limit is ever met. */
export const ROOMY: Setting = {
  files: 2,
  filesPerJob: 1,
  jobs: 100,
  maxQueued: 100,
  transfers: 100,
  scouts: 0,
  budget: 100,
  when: 'fileDone',
  afterDone: 'release',
};

export const EVENTS = 10;
const SPEC_REVISIONS = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(64));

/** The spec of a play, as often changed as said. */
function loadedOf(setting: Setting, play: number, changes: number): LoadedDataset {
  const name = '{stem}.{revision}.{output}';
  const exported = { to: 'far', path: '', with: [] as const, thenDelete: true, when: setting.when };
  const spec = aSpec({
    name: `play-${play}`,
    requestId: play,
    outputs: [
      anOutputSpec({ key: 'dst', name, declare: 'fileDone' }),
      anOutputSpec({ key: 'tmb', name, store: 'tmb', path: 'tmb', export: exported }),
    ],
    archive: { store: 'disk', path: 'logs', jobsPerTar: 2 },
    limits: someLimits({
      jobs: setting.jobs,
      transfers: setting.transfers,
      scouts: setting.scouts,
      budgets: { delete: setting.budget, quarantine: setting.budget, cancel: setting.budget },
    }),
    retry: { ...aSpec().retry, process: { ...RETRY, attempts: 3 } },
    onChange: 'reprocess',
  });
  const { loaded } = aDataset({
    ...spec,
    input: { ...spec.input, afterDone: setting.afterDone },
    job: { ...spec.job, filesPerJob: setting.filesPerJob },
  });
  const store = {
    driver: 'memory',
    root: '',
    keepFreeBytes: 0,
    deleteProof: null,
    callsPerMinute: null,
    options: {},
  };
  const names = ['fnal', 'disk', 'tmb', 'far'];
  return {
    ...loaded,
    site: aSite({
      name: `site-${play}`,
      stores: Object.fromEntries(names.map((one) => [one, store])),
      batch: { driver: 'memory', maxQueued: setting.maxQueued, options: {} },
    }),
    revision: SPEC_REVISIONS[changes % SPEC_REVISIONS.length] ?? '',
    digest: `${changes}`.repeat(64).slice(0, 64),
  };
}

/** Where plays are given, one after the other, each with a dataset of its own. */
export interface Stage {
  readonly database: Database;
  /** Every row there is, as text, in no order. */
  rows(): Promise<readonly string[]>;
  /** The number of the next play. */
  next(): number;
}

/** A schema of its own, migrated. Nothing in it need survive a crash of the server. */
export async function aStage(server: TestDatabase): Promise<Stage> {
  const connection = { ...server.connection, options: '-c synchronous_commit=off' };
  const database = openDatabase(connection, server.schema('play'));
  await migrate(database);
  const found = await database.knex.raw(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = ? ORDER BY 1`,
    [database.schema],
  );
  const all = found.rows
    .map(({ name }: { name: string }) => `SELECT '${name} ' || t::text AS line FROM ${name} t`)
    .join(' UNION ALL ');
  let plays = 0;
  return {
    database,
    async rows() {
      const { rows } = await database.knex.raw(all);
      return rows.map((row: { line: string }) => row.line);
    },
    next() {
      plays += 1;
      return plays;
    },
  };
}

/** A stage on a server of its own for all tests of the `describe` that calls this. @returns the stage, while tests run */
export function stageOfSuite(): () => Stage {
  let server: TestDatabase;
  let stage: Stage;
  before(async () => {
    server = await testDatabase();
    stage = await aStage(server);
  });
  after(async () => {
    await stage.database.close();
    await server.close();
  });
  return () => stage;
}

export type Play = Awaited<ReturnType<typeof aPlay>>;

/** How much the systems of a play take at a time. */
export interface Bulk {
  readonly jobsPerSubmission: number;
  readonly filesPerSubmission: number;
}

/** Little, so that a few files make several submissions. */
const LITTLE: Bulk = { jobsPerSubmission: 2, filesPerSubmission: 2 };

/** Open a play on an empty stage: raw files at the far end, nothing here. */
export async function aPlay(stage: Stage, setting: Setting, bulk = LITTLE) {
  const { database } = stage;
  const number = stage.next();
  const folder = await mkdtemp(path.join(tmpdir(), 'rereco-play-'));
  const stores = {
    fnal: memoryStore('fnal'),
    disk: memoryStore('disk'),
    tmb: memoryStore('tmb'),
    far: memoryStore('far'),
  };
  const brings = memoryMover({ from: stores.fnal, to: stores.disk, finishes: 'whenTold' });
  const exports = memoryMover({ from: stores.tmb, to: stores.far, finishes: 'whenTold' });
  const batch = memoryBatch({ jobsPerSubmission: bulk.jobsPerSubmission });
  const raw = Array.from({ length: setting.files }, (_, n) => ({
    name: `raw_${n + 1}`,
    bytes: Buffer.from(`raw ${n + 1}`.padEnd(20 + n, '.')),
  }));
  for (const { name, bytes } of raw) stores.fnal.contents.set(name, bytes);
  const known = raw.map(({ name, bytes }) => ({
    name,
    sizeBytes: bytes.length,
    eventCount: EVENTS,
    checksums: [described(bytes).checksum],
    dataTier: 'raw',
    run: 1,
    parents: [],
    locations: [],
  }));
  const catalog = memoryCatalog({ files: known, definitions: { 'raw-all': 'data_tier raw' } });
  const spool = folderSpool({ path: path.join(folder, 'spool') });
  await spool.make(new AbortController().signal);

  const clock = { now: 1_000_000_000 };
  const own = postgresRecords(database, 'the play');
  // Held still: every decision is made by this clock, which only a scene turns on.
  const records: Records = { ...own, now: async () => clock.now };
  const first = await records.apply(loadedOf(setting, number, 0), clock.now);
  const members = known.map(({ checksums, parents: _parents, locations: _locations, ...file }) => ({
    ...file,
    checksum: checksums[0] ?? null,
    sourceStore: 'fnal',
    sourcePath: file.name,
  }));
  await records.members(first, () => asPages(members), {
    onlyGrows: false,
    repeatable: false,
    decide: () => 'apply',
    now: clock.now,
  });

  const ports: SitePorts = {
    stores: new Map(Object.entries(stores).map(([name, { store }]) => [name, store])),
    movers: new Map([
      ['fnal>disk', brings.mover],
      ['tmb>far', exports.mover],
    ]),
    batch: batch.batch,
    catalog: catalog.catalog,
    spool,
    counter: {
      count: () => Promise.reject(new Error('nothing is counted in a play')),
      countTogether: async () => new Map(),
    },
  };
  return {
    number,
    setting,
    clock,
    stores,
    movers: [brings, exports] as const,
    batch,
    catalog,
    database,
    rows: stage.rows,
    dataset: () => records.dataset(first.name),
    changeSpec: (changes: number) => records.apply(loadedOf(setting, number, changes), clock.now),
    around: {
      records,
      ports,
      traits: traitsOf(ports, bulk),
      storesOf: () => ports.stores,
      signal: new AbortController().signal,
    },
    async writeReport(submission: string, index: number, report: unknown): Promise<void> {
      await writeFile(path.join(spool.folder(submission), `report-${index}.json`), JSON.stringify(report));
    },
    async close() {
      await own.close();
      await rm(folder, { recursive: true });
    },
  };
}

function traitsOf({ stores, movers, batch }: SitePorts, { filesPerSubmission }: Bulk): Traits {
  return {
    batch,
    movers: new Map([...movers].map(([endpoint, mover]) => [endpoint, { ...mover, filesPerSubmission }])),
    proofs: new Map([...stores].map(([name, store]) => [name, store.proofs])),
    checksums: new Map([...stores].map(([name, store]) => [name, store.checksums])),
  };
}
