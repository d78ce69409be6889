/** `rereco db status`: where the database is, whether it answers, and how to connect to it. */
import { type Connection, type Database, openDatabase } from '../../db/database.ts';
import { type SchemaState, schemaState } from '../../db/migrate.ts';
import { type ServerStatus, serverStatus } from '../../db/server/embedded.ts';
import { type PrintData, print } from '../command.ts';
import { EXIT, isDatabaseDown, Unreachable } from '../failure.ts';
import { reach } from '../own-database.ts';
import { lineWidth, table } from '../print/table.ts';
import { wrapped } from '../print/wrap.ts';
import { databaseUrl, lookedAtFolder, noDatabase, SCHEMA, withoutPassword } from '../state.ts';

/** Look at the database, starting nothing. @returns failure where the server of DATABASE_URL does not answer */
export async function showStatus(printData: PrintData | null, signal: AbortSignal): Promise<number> {
  const url = databaseUrl();
  return url === undefined ? embedded(printData, signal) : outside(url, printData);
}

async function outside(url: string, printData: PrintData | null): Promise<number> {
  const asked = await ask(url);
  const data = {
    state: 'outside',
    from: 'DATABASE_URL',
    url: withoutPassword(url),
    ...asked,
    schema: SCHEMA,
  };
  if (printData !== null) printData(data);
  else {
    print(
      table(
        [
          ['state', asked.answers ? 'answers' : `no answer (${asked.because})`],
          ['address', `${data.url} (DATABASE_URL)`],
          ...(asked.answers ? [['version', asked.version]] : []),
          ...(asked.answers ? [['schema', schemaText(asked.tables)]] : []),
          ['connect', 'rereco db psql'],
        ],
        Number.POSITIVE_INFINITY,
      ),
    );
  }
  return asked.answers ? EXIT.settled : EXIT.failure;
}

async function embedded(printData: PrintData | null, signal: AbortSignal): Promise<number> {
  const { connection, ...status } = await serverStatus(lookedAtFolder(), signal);
  const asked = connection === undefined ? undefined : await ask({ ...connection });
  const tables = asked?.answers ? { schema: SCHEMA, tables: asked.tables } : {};
  if (printData !== null) {
    const { host, port, user, database } = connection ?? {};
    printData({ ...status, host, port, user, database, ...tables });
    return EXIT.settled;
  }
  if (status.state === 'none') {
    const { sentence, remedy } = noDatabase();
    print([sentence, remedy].map((line) => wrapped(line, '', lineWidth())).join('\n'));
    return EXIT.settled;
  }
  const lines = [
    ...statusLines(status),
    ...(connection === undefined ? [] : [['socket', `${connection.host}/.s.PGSQL.${connection.port}`]]),
    ...(asked?.answers ? [['schema', schemaText(asked.tables)]] : []),
    ['connect', `rereco db psql${connection === undefined ? ' (starts it)' : ''}`],
    ...(connection === undefined ? [] : [['or', psqlLine(connection)]]),
  ];
  print(table(lines, Number.POSITIVE_INFINITY));
  return EXIT.settled;
}

function statusLines({
  state,
  pid,
  version,
  dataDir,
  logFile,
}: ServerStatus): readonly (readonly string[])[] {
  const next = state === 'stopped' ? ': the next command that needs it starts it' : '';
  return [
    ['state', `${state}${pid === undefined ? '' : ` (process ${pid})`}${next}`],
    ['version', version ?? '-'],
    ['data', dataDir ?? '-'],
    ['log', logFile ?? '-'],
  ];
}

function psqlLine({ host, port, user, database }: NonNullable<ServerStatus['connection']>): string {
  return `psql -h ${host} -p ${port} -U ${user} ${database}`;
}

function schemaText(state: SchemaState): string {
  const texts: Readonly<Record<SchemaState, string>> = {
    current: 'up to date',
    older: 'of an older rereco: `rereco db migrate` brings it up to date',
    missing: 'not there yet: `rereco db migrate` makes it, and so does the first `rereco reconcile`',
  };
  return `${SCHEMA}, ${texts[state]}`;
}

type Asked =
  | { readonly answers: true; readonly version: string; readonly tables: SchemaState }
  | { readonly answers: false; readonly because: string };

async function ask(where: Connection): Promise<Asked> {
  const database = openDatabase(where, SCHEMA);
  try {
    const [version, tables] = await reach(
      where,
      async () => [await versionOf(database), await schemaState(database)] as const,
    );
    return { answers: true, version, tables };
  } catch (error) {
    if (!isDatabaseDown(error)) throw error;
    const reason = error instanceof Unreachable ? error.cause : error;
    return { answers: false, because: reason instanceof Error ? reason.message : String(reason) };
  } finally {
    await database.close();
  }
}

async function versionOf({ knex }: Database): Promise<string> {
  const { rows } = await knex.raw('SHOW server_version');
  return String(rows[0]?.server_version);
}
