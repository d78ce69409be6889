import type { ArgumentsCamelCase } from 'yargs';
import { type FileFilter, readFiles, readJobs } from '../../db/queries/datasets.ts';
import { FILE_STATES, JOB_STATES, OUTPUT_STATES } from '../../machines/model.ts';
import { suggestion } from '../../specs/nearest.ts';
import { type Command, dataPrinter, formatOf, print, texts, withListOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { checkNames, datasetsNamed } from '../named.ts';
import { bytes, table, terminalWidth } from '../print/table.ts';
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
    read: readKnownFiles,
    states: [...new Set([...FILE_STATES, ...OUTPUT_STATES])],
    filters: ['state', 'kind'],
  },
  jobs: {
    read: readKnownJobs,
    states: JOB_STATES,
    filters: ['state'],
  },
  datasets: { read: readDatasets, states: [], filters: [] },
};

/** @throws UserError for a name that no file has */
async function readKnownFiles({ database }: Session, filter: FileFilter): Promise<readonly object[]> {
  if (database === null) return [];
  await checkNames(database.knex, filter.names, filter.datasets);
  return readFiles(database.knex, filter);
}

/** @throws UserError for a name that no job has */
async function readKnownJobs({ database }: Session, filter: FileFilter): Promise<readonly object[]> {
  if (database === null) return [];
  for (const name of filter.names) {
    const [job] = await readJobs(database.knex, { ...filter, states: [], names: [name], limit: 1 });
    if (job === undefined) throw new UserError(`there is no job ${name}; \`rereco get jobs\` lists them`);
  }
  return readJobs(database.knex, filter);
}

async function readDatasets(
  session: Session,
  { datasets, names, limit }: FileFilter,
): Promise<readonly object[]> {
  const rows = await datasetsNamed(session, [...datasets, ...names]);
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
  usage: 'get <what> [names..]',
  synonyms: { file: 'files', job: 'jobs', dataset: 'datasets' },
  summary: 'list files, jobs or datasets',
  examples: [
    ['rereco get files --state error', 'the files in error, with the reason'],
    ['rereco get file all_0000176852_001.raw -o wide', 'one file, with all that is on record of it'],
    ['rereco get jobs --dataset p17 -o json', 'the jobs of one dataset, for a program'],
    ['rereco get files --state error -o name | xargs rereco clean --yes', 'the names alone, a line each'],
  ],
  options: (argv) =>
    withListOutput(argv)
      .positional('what', { choices: Object.keys(LISTS), demandOption: true, describe: 'what to list' })
      .positional('names', { type: 'string', array: true, describe: 'only these; all by default' })
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
      const printData = dataPrinter(argv);
      if (printData !== null) printData(rows);
      else if (formatOf(argv) === 'name') for (const row of rows) print(cell(row, 'name'));
      else print(textOf(rows, what, formatOf(argv) === 'wide'));
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
  const names = texts(argv.names);
  return { datasets: wanted.dataset, states: wanted.state, kinds: wanted.kind, names, limit };
}

function textOf(rows: readonly object[], what: string, wide: boolean): string {
  const [first] = rows;
  if (first === undefined) return 'none';
  const columns = wide ? Object.keys(first) : (SHOWN[what] ?? []);
  const lines = rows.map((row) => columns.map((column) => cell(row, column)));
  return table([columns, ...lines], wide ? Number.POSITIVE_INFINITY : terminalWidth());
}

function cell(row: object, column: string): string {
  const value: unknown = Reflect.get(row, column);
  if (value === null || value === undefined) return '-';
  return column === 'sizeBytes' ? bytes(Number(value)) : String(value);
}
