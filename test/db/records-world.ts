/** Records in PostgreSQL with one dataset on them, for tests of what is written. */
import { openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { postgresRecords } from '../../db/records.ts';
import type { Member } from '../../reconcilers/model/records.ts';
import type { InputRow, Page } from '../../reconcilers/model/rows.ts';
import type { PageScope } from '../../reconcilers/model/scope.ts';
import type { LoadedDataset } from '../../specs/types.ts';
import { aDataset } from '../builders.ts';
import type { TestDatabase } from '../postgres.ts';

export function aMember(fields: Partial<Member> = {}): Member {
  return {
    name: 'raw_1',
    dataTier: 'raw',
    run: 1,
    sizeBytes: 100,
    eventCount: 10,
    checksum: null,
    sourceStore: 'fnal',
    sourcePath: 'raw_1',
    ...fields,
  };
}

/** A scope that takes inputs in every state. */
export function aScope(fields: Partial<PageScope> = {}): PageScope {
  return {
    phase: 'process',
    subject: 'inputs',
    states: ['pending', 'transferred', 'verified', 'running', 'done', 'error', 'copied'],
    errorPhases: [],
    dueMs: 0,
    stopped: false,
    outdated: null,
    keys: [],
    withOutputs: true,
    pageSize: 1000,
    some: null,
    replicasIn: null,
    scrub: null,
    attemptsOf: 'process',
    ...fields,
  };
}

export type RecordsWorld = Awaited<ReturnType<typeof aRecordsWorld>>;

/** A schema of its own, migrated, with a dataset of these members. */
export async function aRecordsWorld(server: TestDatabase, members: readonly Member[]) {
  const database = openDatabase(server.connection, server.schema('records'));
  await migrate(database);
  const records = postgresRecords(database, 'the test');
  const apply = (loaded: LoadedDataset) => records.apply(loaded, 1000);
  const dataset = await apply(aDataset().loaded);
  await records.members(dataset, () => asPages(members), {
    onlyGrows: false,
    repeatable: false,
    decide: () => 'apply',
    now: 1000,
  });
  return {
    database,
    records,
    dataset,
    apply,
    async page(scope = aScope()): Promise<Page> {
      for await (const page of records.pages(dataset, scope)) return page;
      throw new Error('there is no page');
    },
    async close() {
      await records.close();
      await database.close();
    },
  };
}

export async function* asPages(members: readonly Member[]): AsyncGenerator<readonly Member[]> {
  yield members;
}

/** The only input of a page. */
export function onlyInput({ inputs }: Page): InputRow {
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0) throw new Error(`${inputs.length} inputs, not one`);
  return input;
}
