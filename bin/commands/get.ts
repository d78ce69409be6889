import { readFiles, readJobs } from '../../db/queries/datasets.ts';
import { asJson, type Command, print, printJson, withOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { bytes, table } from '../print/table.ts';
import { openSession, type Session } from '../session.ts';

interface Filter {
  readonly dataset: string | null;
  readonly state: string | null;
  readonly kind: string | null;
  readonly limit: number;
}

type Lister = (session: Session, filter: Filter) => Promise<readonly object[]>;

const LISTS: Readonly<Record<string, Lister>> = {
  files: async ({ database }, filter) => (database ? readFiles(database.knex, filter) : []),
  jobs: async ({ database }, filter) => (database ? readJobs(database.knex, filter) : []),
  datasets: async ({ records }) =>
    (await records.datasets()).map(({ name, requestId, generation, loaded }) => ({
      name,
      requestId,
      generation,
      revision: loaded.revision,
      site: loaded.site.name,
      file: loaded.origin.file,
    })),
};

const SHOWN: Readonly<Record<string, readonly string[]>> = {
  files: ['name', 'dataTier', 'state', 'eventCount', 'sizeBytes', 'reason'],
  jobs: ['name', 'type', 'status', 'node', 'exitCode', 'signal'],
  datasets: ['name', 'requestId', 'generation', 'revision', 'site'],
};

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
      .option('dataset', { type: 'string', describe: 'only of this dataset' })
      .option('state', { type: 'string', describe: 'only in this state' })
      .option('kind', { choices: ['input', 'output'] as const, describe: 'only inputs or outputs' })
      .option('limit', { type: 'number', default: 1000, describe: 'at most so many lines' }),

  async run(argv, signal) {
    const what = String(argv.what);
    const list = LISTS[what];
    if (list === undefined) throw new UserError(`there is no list of ${what}`);
    const session = await openSession({ readOnly: true, sites: [], signal, command: 'get' });
    try {
      const filter: Filter = {
        dataset: text(argv.dataset),
        state: text(argv.state),
        kind: text(argv.kind),
        limit: Number(argv.limit),
      };
      const rows = await list(session, filter);
      if (asJson(argv)) printJson(rows);
      else print(textOf(rows, SHOWN[what] ?? []));
      return EXIT.settled;
    } finally {
      await session.close();
    }
  },
};

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
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
