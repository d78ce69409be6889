import { openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { ensureServer, stopServer } from '../../db/server/embedded.ts';
import { type Adopted, adoptMarkers } from '../../reconcilers/act/adopt-markers.ts';
import { markedPlaces } from '../../reconcilers/act/marker.ts';
import { endTold } from '../../reconcilers/act/tell-foreign.ts';
import { type Command, dataPrinter, type PrintData, print, withOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { optional } from '../named.ts';
import { reach } from '../own-database.ts';
import { openSession } from '../session.ts';
import { databaseUrl, lookedAtFolder, noDatabase, SCHEMA, stateFolder } from '../state.ts';
import { backupInto, restoreFrom } from './db-backup.ts';
import { openPsql } from './db-psql.ts';
import { showStatus } from './db-status.ts';

/** What was typed after the action. */
interface Given {
  readonly file: string | null;
  readonly force: boolean;
  readonly replace: boolean;
  readonly printData: PrintData | null;
  /** The version of this program. */
  readonly program: string;
}

interface Action {
  readonly run: (given: Given, signal: AbortSignal) => Promise<number>;
  /** What the file is for; left out where there is none. */
  readonly file?: string;
  /** The options only it has. */
  readonly options?: readonly ('force' | 'replace')[];
}

const ACTIONS: Readonly<Record<string, Action>> = {
  status: { run: ({ printData }, signal) => showStatus(printData, signal) },
  psql: { run: (_given, signal) => openPsql(signal) },
  start: { run: start },
  stop: { run: stop },
  migrate: { run: migrateNow },
  adopt: { run: adopt },
  backup: {
    file: 'to write',
    options: ['force'],
    run: (given, signal) => backupInto({ ...given, file: given.file ?? '' }, signal),
  },
  restore: {
    file: 'to restore',
    options: ['replace'],
    run: (given, signal) => restoreFrom({ ...given, file: given.file ?? '' }, signal),
  },
};

/** Looks after the database: the embedded server, the schema, whose installation it is, backups. */
export const dbCommand: Command = {
  usage: 'db <action> [file]',
  summary: 'look after the database',
  examples: [
    ['rereco db status', 'where the database is, whether it runs, and how to connect to it'],
    ['rereco db psql', 'psql in it, which may only read until you say otherwise'],
    ['rereco db stop', 'stop the embedded server; the next command starts it again'],
    ['rereco db backup p17.backup.tar', 'write everything on record into one file, while work goes on'],
    ['rereco db restore p17.backup.tar', 'into a database without a campaign'],
    ['rereco db restore p17.backup.tar --replace', 'keep what is on record under another name first'],
    ['rereco db adopt', 'after restoring a backup: take over what a later day has made'],
  ],
  options: (argv) =>
    withOutput(argv)
      .positional('action', { choices: Object.keys(ACTIONS), demandOption: true, describe: 'what to do' })
      .positional('file', { type: 'string', describe: 'backup, restore: the file' })
      .option('force', { type: 'boolean', default: false, describe: 'backup: replace a file of that name' })
      .option('replace', {
        type: 'boolean',
        default: false,
        describe: 'restore: keep the campaign on record under another name and take its place',
      }),

  async run(argv, signal, version) {
    const name = String(argv.action);
    const action = ACTIONS[name];
    if (action === undefined) throw new UserError(`there is no action ${name}`);
    const file = optional(argv.file);
    const [force, replace] = [argv.force === true, argv.replace === true];
    refuseStrays(name, action, { file, force, replace });
    return action.run({ file, force, replace, printData: dataPrinter(argv), program: version }, signal);
  },
};

/** @throws UserError for what the action needs and has not, or has and does not know */
function refuseStrays(
  name: string,
  { file, options = [] }: Action,
  given: Pick<Given, 'file' | 'force' | 'replace'>,
): void {
  if (file !== undefined && given.file === null) {
    throw new UserError(`name the file ${file}: \`rereco db ${name} FILE\``);
  }
  if (file === undefined && given.file !== null) {
    throw new UserError(`db ${name} takes no file; it was given ${given.file}`);
  }
  const stray = (['force', 'replace'] as const).find((option) => given[option] && !options.includes(option));
  if (stray !== undefined) throw new UserError(`db ${name} has no --${stray}`);
}

async function start({ printData }: Given, signal: AbortSignal): Promise<number> {
  const server = await ensureServer(stateFolder(), signal);
  const { host, port, user, database } = server;
  if (printData !== null) printData({ host, port, user, database });
  else print(`running: psql -h ${host} -p ${port} -U ${user} ${database}`);
  return EXIT.settled;
}

async function stop({ printData }: Given, signal: AbortSignal): Promise<number> {
  const server = await stopServer(lookedAtFolder(), signal);
  if (printData !== null) printData({ server });
  else print(server === 'none' ? noDatabase().sentence : server);
  return EXIT.settled;
}

async function migrateNow({ printData }: Given, signal: AbortSignal): Promise<number> {
  const where = databaseUrl() ?? { ...(await ensureServer(stateFolder(), signal)) };
  const database = openDatabase(where, SCHEMA);
  try {
    const applied = await reach(where, () => migrate(database));
    if (printData !== null) printData({ applied });
    else print(applied.length === 0 ? 'the schema is up to date' : `applied: ${applied.join(', ')}`);
    return EXIT.settled;
  } finally {
    await database.close();
  }
}

/** Make this database the owner of every place its datasets write to, from a number nobody has used. */
async function adopt({ printData }: Given, signal: AbortSignal): Promise<number> {
  const session = await openSession({ mode: 'repair', sites: [], signal, command: 'db adopt' });
  try {
    const datasets = await session.records.datasets();
    const places = datasets.flatMap((dataset) =>
      markedPlaces({ dataset }, session.siteOf(dataset.loaded.site).ports),
    );
    if (places.length === 0) throw new UserError('there is no dataset on record, so nothing to adopt yet');
    const adopted = await adoptMarkers(places, session.records, signal);
    await endTold(datasets, session.records);
    if (printData !== null) printData({ places: adopted });
    else for (const one of adopted) print(adoptedLine(one));
    return EXIT.settled;
  } finally {
    await session.close();
  }
}

function adoptedLine({ place, was, now }: Adopted): string {
  const whose = was === null ? 'nobody' : `${was.installation}, number ${was.serial}`;
  return `${place}: was marked by ${whose}; now by ${now}`;
}
