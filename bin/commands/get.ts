import type { ArgumentsCamelCase } from 'yargs';
import { countFiles, countJobs, type FileFilter, readFiles, readJobs } from '../../db/queries/datasets.ts';
import { FILE_STATES, JOB_STATES, OUTPUT_STATES } from '../../machines/model.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import { suggestion } from '../../specs/nearest.ts';
import {
  type Command,
  dataPrinter,
  formatOf,
  print,
  tellLeftOut,
  texts,
  widthFor,
  withListOutput,
} from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { datasetsNamed, namesTyped } from '../named.ts';
import { datasetsText, filesText, jobsText, type Printing } from '../print/lists.ts';
import { shown } from '../print/shown.ts';
import { openSession, type Session } from '../session.ts';

/** One list: what is on record, and how people read it. */
interface List {
  readonly read: (session: Session, filter: FileFilter) => Promise<Found>;
  /** The states its lines may be in; empty: they have none. */
  readonly states: readonly string[];
  /** The filters it has besides dataset and limit. */
  readonly filters: readonly ('state' | 'kind')[];
}

/** What a list has found. */
interface Found {
  /** As programs get them. */
  readonly rows: readonly { readonly name: string }[];
  readonly text: (printing: Printing) => string;
  /** How many there are, with those that the limit leaves out. */
  readonly all: number;
}

const NOTHING: Found = { rows: [], text: () => 'none', all: 0 };

const LISTS: Readonly<Record<string, List>> = {
  files: {
    read: readKnownFiles,
    states: [...new Set([...FILE_STATES, ...OUTPUT_STATES, 'superseded'])],
    filters: ['state', 'kind'],
  },
  jobs: {
    read: readKnownJobs,
    states: ['queued', ...JOB_STATES],
    filters: ['state'],
  },
  datasets: { read: readDatasets, states: [], filters: [] },
};

/** @throws UserError for a name that no file has */
async function readKnownFiles({ database }: Session, filter: FileFilter): Promise<Found> {
  if (database === null) return NOTHING;
  const { knex } = database;
  const known = { ...filter, names: await namesTyped(knex, filter.names, filter.datasets) };
  const rows = await readFiles(knex, known);
  const all = rows.length < filter.limit ? rows.length : await countFiles(knex, known);
  return { rows, all, text: (printing) => filesText(rows, printing) };
}

/** @throws UserError for a name that no job has */
async function readKnownJobs({ database }: Session, filter: FileFilter): Promise<Found> {
  if (database === null) return NOTHING;
  const { knex } = database;
  for (const name of filter.names) {
    const [job] = await readJobs(knex, { ...filter, states: [], names: [name], limit: 1 });
    if (job === undefined) throw new UserError(`there is no job ${name}; \`rereco get jobs\` lists them`);
  }
  const rows = await readJobs(knex, filter);
  const all = rows.length < filter.limit ? rows.length : await countJobs(knex, filter);
  return { rows, all, text: (printing) => jobsText(rows, printing) };
}

async function readDatasets(session: Session, { datasets, names, limit }: FileFilter): Promise<Found> {
  const all = await datasetsNamed(session, [...datasets, ...names]);
  const rows = all.slice(0, limit);
  return { rows: rows.map(datasetLine), all: all.length, text: (printing) => datasetsText(rows, printing) };
}

function datasetLine({ name, requestId, generation, loaded }: DatasetRow) {
  const { revision, site, origin } = loaded;
  return { name, requestId, generation, revision, site: site.name, file: origin.file };
}

const LINES = 1_000;

/** Lists files, jobs or datasets as they are on record. */
export const getCommand: Command = {
  usage: 'get <what> [names..]',
  synonyms: { file: 'files', job: 'jobs', dataset: 'datasets' },
  hints: { state: [...new Set(Object.values(LISTS).flatMap(({ states }) => states))] },
  summary: 'list files, jobs or datasets',
  examples: [
    ['rereco get files --state error', 'the files in error, with the reason'],
    ['rereco get file all_0000176852_001.raw -o wide', 'one file, with all that is on record of it'],
    ['rereco get jobs --dataset p17 -o json', 'the jobs of one dataset, for a program'],
    [
      "rereco get files --state error -o name | xargs -d '\\n' rereco clean --yes --",
      'the names alone, a line each',
    ],
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
    const session = await openSession({ mode: 'look', sites: [], signal, command: 'get' });
    try {
      await datasetsNamed(session, filter.datasets);
      const { rows, all, text } = await list.read(session, filter);
      const printData = dataPrinter(argv);
      if (printData !== null) printData(rows);
      else if (formatOf(argv) === 'name') for (const { name } of rows) print(shown(name));
      else {
        const wide = formatOf(argv) === 'wide';
        print(text({ wide, width: widthFor(argv), now: await session.records.now() }));
      }
      if (all > rows.length) tellLeftOut(`only ${rows.length} of ${all} ${what}`);
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
