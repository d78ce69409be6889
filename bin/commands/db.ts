import { openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { ensureServer, serverStatus, stopServer } from '../../db/server/embedded.ts';
import { adoptMarkers, markedPlaces } from '../../reconcilers/act/marker.ts';
import { asJson, type Command, print, printJson, withOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { openSession, SCHEMA, stateFolder } from '../session.ts';

type Action = (json: boolean, signal: AbortSignal) => Promise<number>;

const ACTIONS: Readonly<Record<string, Action>> = { status, start, stop, migrate: migrateNow, adopt };

/** Looks after the database: the embedded server, the schema, whose installation it is. */
export const dbCommand: Command = {
  usage: 'db <action>',
  summary: 'look after the database',
  examples: [
    ['rereco db status', 'where the database is and whether it runs'],
    ['rereco db stop', 'stop the embedded server; the next command starts it again'],
    ['rereco db adopt', 'after restoring a backup: take over what a later day has made'],
  ],
  options: (argv) =>
    withOutput(argv).positional('action', {
      choices: Object.keys(ACTIONS),
      demandOption: true,
      describe: 'what to do',
    }),

  async run(argv, signal) {
    const action = ACTIONS[String(argv.action)];
    if (action === undefined) throw new UserError(`there is no action ${argv.action}`);
    return action(asJson(argv), signal);
  },
};

async function status(json: boolean, signal: AbortSignal): Promise<number> {
  const found = process.env.DATABASE_URL
    ? { state: 'outside', from: 'DATABASE_URL' }
    : await serverStatus(stateFolder(), signal);
  if (json) printJson(found);
  else for (const [key, value] of Object.entries(found)) print(`${key}: ${value}`);
  return EXIT.settled;
}

async function start(_json: boolean, signal: AbortSignal): Promise<number> {
  const server = await ensureServer(stateFolder(), signal);
  print(`running: psql -h ${server.host} -p ${server.port} -U ${server.user} ${server.database}`);
  return EXIT.settled;
}

async function stop(_json: boolean, signal: AbortSignal): Promise<number> {
  print(await stopServer(stateFolder(), signal));
  return EXIT.settled;
}

async function migrateNow(_json: boolean, signal: AbortSignal): Promise<number> {
  const where = process.env.DATABASE_URL ?? { ...(await ensureServer(stateFolder(), signal)) };
  const database = openDatabase(where, SCHEMA);
  try {
    const applied = await migrate(database);
    print(applied.length === 0 ? 'the schema is up to date' : `applied: ${applied.join(', ')}`);
    return EXIT.settled;
  } finally {
    await database.close();
  }
}

/** Make this database the owner of every place its datasets write to, from a number nobody has used. */
async function adopt(_json: boolean, signal: AbortSignal): Promise<number> {
  const session = await openSession({ readOnly: false, sites: [], signal, command: 'db adopt' });
  try {
    const datasets = await session.records.datasets();
    const places = datasets.flatMap((dataset) =>
      markedPlaces({ dataset }, session.siteOf(dataset.loaded.site).ports),
    );
    if (places.length === 0) throw new UserError('there is no dataset on record, so nothing to adopt yet');
    for (const line of await adoptMarkers(places, session.records, signal)) print(line);
    return EXIT.settled;
  } finally {
    await session.close();
  }
}
