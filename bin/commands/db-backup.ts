/** `rereco db backup FILE` and `rereco db restore FILE`. */
import { type Progress, writeBackup } from '../../db/backup/backup.ts';
import type { Asked } from '../../db/backup/catalogue.ts';
import { type CheckedBackup, checkBackup, migrationsOf } from '../../db/backup/check.ts';
import { type Restored, restoreBackup } from '../../db/backup/restore.ts';
import { type Connection, openDatabase } from '../../db/database.ts';
import { MIGRATIONS } from '../../db/migrations/index.ts';
import { ensureServer, findServer } from '../../db/server/embedded.ts';
import { CATALOG_SCHEMA, ensureSchema, tablesOf } from '../../reconcilers/drivers/catalog/embedded/schema.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import { type PrintData, print } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { writeNewFile } from '../new-file.ts';
import { reach } from '../own-database.ts';
import { progressLine } from '../print/progress.ts';
import { bytes } from '../print/table.ts';
import { localTime } from '../print/time.ts';
import { wrapped } from '../print/wrap.ts';
import { databaseUrl, noDatabase, SCHEMA, stateFolder } from '../state.ts';

export interface BackupRequest {
  readonly file: string;
  /** Replace a file of that name. */
  readonly force: boolean;
  readonly printData: PrintData | null;
  /** The version of this program. */
  readonly program: string;
}

/** Write everything on record into one file. @returns the exit code */
export async function backupInto(request: BackupRequest, signal: AbortSignal): Promise<number> {
  const { file, force, printData, program } = request;
  const { result, sizeBytes } = await withProgress('backing up', (tell) =>
    writeNewFile(file, force ? 'replace' : 'keep', async (out) => {
      const connection = await connectionThere(signal);
      const source = { connection, schema: SCHEMA, catalogSchema: CATALOG_SCHEMA };
      return reach(connection, () => writeBackup({ ...source, program, tell }, out, signal));
    }),
  );
  const summary = summaryOf({ file, sizeBytes, manifest: result });
  if (printData !== null) printData(summary);
  else print(summaryLine(summary));
  return EXIT.settled;
}

async function connectionThere(signal: AbortSignal): Promise<Connection> {
  const url = databaseUrl();
  if (url !== undefined) return url;
  const server = await findServer(stateFolder(), signal);
  if (server !== undefined) return { ...server };
  throw new UserError(`${noDatabase().sentence}, so there is nothing to back up`);
}

export interface RestoreRequest {
  readonly file: string;
  /** Keep what is on record here under another name, and take its place. */
  readonly replace: boolean;
  readonly printData: PrintData | null;
}

/** Make the database what it was when a file was made. @returns the exit code */
export async function restoreFrom(request: RestoreRequest, signal: AbortSignal): Promise<number> {
  const { file, printData } = request;
  const backup = await withProgress('checking', (tell) => checkBackup(file, tell, signal));
  // Said before a server is made for what it cannot take.
  migrationsOf(backup, MIGRATIONS);
  const restored = await withProgress('restoring', (tell) => intoDatabase(backup, request, tell, signal));
  if (printData !== null) printData({ ...summaryOf(backup), ...restored });
  else for (const line of restoredLines(backup, restored)) print(line);
  return EXIT.settled;
}

async function intoDatabase(
  backup: CheckedBackup,
  { replace }: RestoreRequest,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Restored> {
  const where = databaseUrl() ?? { ...(await ensureServer(stateFolder(), signal)) };
  const database = openDatabase(where, SCHEMA);
  const existing = replace ? 'keep' : 'refuse';
  try {
    return await reach(where, () =>
      restoreBackup({ database, backup, catalog: CATALOG, existing, migrations: MIGRATIONS, tell }, signal),
    );
  } finally {
    await database.close();
  }
}

const CATALOG = {
  schema: CATALOG_SCHEMA,
  async make(client: Asked) {
    const query = async (text: string, values: readonly unknown[] = []) =>
      (await client.query(text, [...values])).rows;
    await ensureSchema({ query }, tablesOf(CATALOG_SCHEMA));
  },
};

async function withProgress<T>(
  doing: string,
  work: (tell: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  const line = progressLine(process.stderr, Date.now);
  try {
    return await work(({ table, bytes: done, ofBytes }) => {
      const of = ofBytes === null ? '' : ` of ${bytes(ofBytes)}`;
      line.show(`${doing}: ${bytes(done)}${of}, now ${table}`);
    });
  } finally {
    line.end();
  }
}

function summaryOf({ file, sizeBytes, manifest }: Pick<CheckedBackup, 'file' | 'sizeBytes' | 'manifest'>) {
  const tables = manifest.parts.flatMap((part) => part.tables);
  const { installation, madeMs, program, migrations } = manifest;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { file, sizeBytes, tables: tables.length, rows, installation, madeMs, program, migrations };
}

function summaryLine(summary: ReturnType<typeof summaryOf>): string {
  const { file, sizeBytes, tables, rows, installation } = summary;
  return (
    `${file}: ${bytes(sizeBytes)}, ${counted(tables, 'table')}, ${counted(rows, 'row')}, ` +
    `installation ${installation.id} (number ${installation.serial})`
  );
}

function restoredLines(backup: CheckedBackup, restored: Restored): readonly string[] {
  const { tables, rows, keptAs, leftOut, migrated } = restored;
  const { installation, madeMs } = backup.manifest;
  const from = `made ${localTime(madeMs)}, installation ${installation.id} (number ${installation.serial})`;
  return [
    `restored ${backup.file}, ${from}: ${counted(tables, 'table')}, ${counted(rows, 'row')}`,
    ...keptAs.map((name) => `what was there before is kept in schema ${name}`),
    ...leftOut.map((name) => `left out ${name}: not a table of rereco; its rows are in the file`),
    ...(migrated.length === 0 ? [] : [`migrated: ${migrated.join(', ')}`]),
    wrapped(
      'Spool and stores may have gone on since this backup was made. If `rereco reconcile` refuses to go on ' +
        'for that: `rereco db adopt`',
      '',
    ),
  ];
}
