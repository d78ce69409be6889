import type { ArgumentsCamelCase } from 'yargs';
import { type FileFilter, readFiles, readJobs } from '../../db/queries/datasets.ts';
import { FILE_STATES, JOB_STATES, OUTPUT_STATES } from '../../machines/model.ts';
import { suggestion } from '../../specs/nearest.ts';
import { asJson, type Command, print, printJson, texts, withOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { datasetsNamed } from '../named.ts';
import { bytes, table } from '../print/table.ts';
import { openSession, type Session } from '../session.ts';

interface List {
  readonly read: (session: Session, filter: FileFilter) => Promise<readonly object[]>;
  /** The states its lines may be in; empty: they have none. */
  readonly states: readonly string[];
  /** The filters it has besides dataset and limit. */
  readonly filters: readonly ('state' | 'kind')[];
}

const LISTS: Readonly<Record<string, List>> = {
  files: {
    read: async ({ database }, filter) => (database ? readFiles(database.knex, filter) : []),
    states: [...new Set([...FILE_STATES, ...OUTPUT_STATES])],
    filters: ['state', 'kind'],
  },
  jobs: {
    read: async ({ database }, filter) => (database ? readJobs(database.knex, filter) : []),
    states: JOB_STATES,
    filters: ['state'],
  },
  datasets: { read: readDatasets, states: [], filters: [] },
};

async function readDatasets(session: Session, { datasets, limit }: FileFilter): Promise<readonly object[]> {
  const rows = await datasetsNamed(session, datasets);
  return rows.slice(0, limit).map(({ name, requestId, generation, loaded }) => ({
    name,
    requestId,
    generation,
    revision: loaded.revision,
    site: loaded.site.name,
    file: loaded.origin.file,
  }));
}

const SHOWN: Readonly<Record<string, readonly string[]>> = {
  files: ['name', 'dataTier', 'state', 'eventCount', 'sizeBytes', 'reason'],
  jobs: ['name', 'type', 'status', 'node', 'exitCode', 'signal'],
  datasets: ['name', 'requestId', 'generation', 'revision', 'site'],
};

const LINES = 1_000;

/** Lists files, jobs or datasets as they are on record. */
export const getCommand: Command = {
  usage: 'get <what>',
  summary: 'list files, jobs or datasets',
  examples: [
    ['rereco get files --state error', 'the files in error, with the reason'],
    ['rereco get jobs --dataset p17 -o json', 'the jobs of one dataset, for a program'],
  ],
  options: (argv) =>
    withOutput(argv)
      .positional('what', { choices: Object.keys(LISTS), demandOption: true, describe: 'what to list' })
      .option('dataset', { type: 'string', array: true, describe: 'only of this dataset, or of these' })
      .option('state', { type: 'string', array: true, describe: 'only in this state, or in these' })
      .option('kind', { choices: ['input', 'output'] as const, describe: 'only inputs or outputs' })
      .option('limit', { type: 'number', describe: `at most so many lines; ${LINES} by default` }),

  async run(argv, signal) {
    const what = String(argv.what);
    const list = LISTS[what];
    if (list === undefined) throw new UserError(`there is no list of ${what}`);
    const filter = filterOf(argv, what, list);
    const session = await openSession({ readOnly: true, sites: [], signal, command: 'get' });
    try {
      await datasetsNamed(session, filter.datasets);
      const rows = await list.read(session, filter);
      if (asJson(argv)) printJson(rows);
      else print(textOf(rows, SHOWN[what] ?? []));
      return EXIT.settled;
    } finally {
      await session.close();
    }
  },
};

/** @throws UserError for a filter that the list has not, and for a state that none of its lines is ever in */
function filterOf(argv: ArgumentsCamelCase, what: string, { states, filters }: List): FileFilter {
  const wanted = { dataset: texts(argv.dataset), state: texts(argv.state), kind: texts(argv.kind) };
  const stray = (['state', 'kind'] as const).find((one) => wanted[one].length > 0 && !filters.includes(one));
  if (stray !== undefined) throw new UserError(`get ${what} has no --${stray}`);
  const unknown = wanted.state.find((state) => !states.includes(state));
  if (unknown !== undefined) {
    throw new UserError(`${what} are never in a state ${unknown}; ${suggestion(unknown, states)}`);
  }
  const limit = argv.limit === undefined ? LINES : Number(argv.limit);
  return { datasets: wanted.dataset, states: wanted.state, kinds: wanted.kind, limit };
}

function textOf(rows: readonly object[], columns: readonly string[]): string {
  if (rows.length === 0) return 'none';
  const cell = (row: object, column: string) => {
    const value: unknown = Reflect.get(row, column);
    if (value === null || value === undefined) return '-';
    return column === 'sizeBytes' ? bytes(Number(value)) : String(value);
  };
  return table([columns, ...rows.map((row) => columns.map((column) => cell(row, column)))]);
}
