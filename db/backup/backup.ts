/** Everything a schema holds, as it was at one moment, into one file; read only. */
import { createHash } from 'node:crypto';
import { addAbortSignal, type Writable } from 'node:stream';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type Connection, clientConfig } from '../database.ts';
import { cancellable } from './cancel.ts';
import { qualified, sequencesIn, tablesIn } from './catalogue.ts';
import { BackupError } from './errors.ts';
import {
  CHECKSUMS,
  MANIFEST,
  type Manifest,
  newManifest,
  type Part,
  placeOf,
  type TableInBackup,
} from './manifest.ts';
import { type TarEntry, writeTar } from './write-tar.ts';

/** How far a long work is, for people. */
export interface Progress {
  /** `campaign/attempts`. */
  readonly table: string;
  /** Of all tables together, so far. */
  readonly bytes: number;
  /** Of how many, about; null where nobody knows yet. */
  readonly ofBytes: number | null;
}

export interface BackupOptions {
  readonly connection: Connection;
  /** The campaign's schema. */
  readonly schema: string;
  /** The embedded catalog's; left out where no dataset has ever used it. */
  readonly catalogSchema: string;
  /** The version of this program. */
  readonly program: string;
  readonly tell: (progress: Progress) => void;
}

/** The most bytes of a table that are held in memory, and that lie together in the file. */
const PIECE_BYTES = 8 * 1024 * 1024;

/**
 * Write a backup to an output, which is ended and not closed. Whatever else is
 * going on in the database goes on; the backup is of the moment it began.
 *
 * @throws BackupError when there is nothing to back up
 */
export async function writeBackup(
  options: BackupOptions,
  out: Writable,
  signal: AbortSignal,
): Promise<Manifest> {
  const config = clientConfig(options.connection);
  const client = new pg.Client(config);
  // Between two statements nobody listens; the statement after it fails and says so.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await begin(client);
    return await cancellable(client, config, signal, async () => {
      const manifest = await survey(client, options);
      await writeTar(entriesOf(client, manifest, options.tell, signal), out, manifest.madeMs, signal);
      await client.query('COMMIT');
      return manifest;
    });
  } finally {
    // An interrupted COPY leaves a connection that is of no use to anybody: ended, not returned to a pool.
    await client.end();
  }
}

/** One moment for all tables; and values written as every server reads them, whatever the settings here. */
async function begin(client: pg.Client): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  await client.query(`SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
    SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 3`);
}

async function survey(client: pg.Client, options: BackupOptions): Promise<Manifest> {
  const { schema, catalogSchema, program } = options;
  const campaign = await partOf(client, 'campaign', schema);
  if (!campaign.tables.some(({ name }) => name === 'knex_migrations')) {
    throw new BackupError(`there is no campaign in schema ${schema}, so there is nothing to back up`);
  }
  const { rows: installations } = await client.query<Manifest['installation']>(
    `SELECT id, serial FROM ${qualified(schema, 'installation')}`,
  );
  const { rows: migrations } = await client.query<{ name: string }>(
    `SELECT name FROM ${qualified(schema, 'knex_migrations')} ORDER BY id`,
  );
  const [installation] = installations;
  if (installation === undefined) throw new BackupError(`schema ${schema} has lost its row of installation`);
  const catalog = (await usesCatalog(client, schema)) ? [await partOf(client, 'catalog', catalogSchema)] : [];
  return newManifest({
    program,
    ...(await momentOf(client)),
    installation,
    migrations: migrations.map(({ name }) => name),
    parts: [campaign, ...catalog.filter(({ tables }) => tables.length > 0)],
  });
}

async function momentOf(client: pg.Client): Promise<Pick<Manifest, 'madeMs' | 'postgres'>> {
  const { rows } = await client.query<{ madeMs: number; postgres: string }>(
    `SELECT floor(extract(epoch FROM transaction_timestamp()) * 1000)::bigint AS "madeMs",
       current_setting('server_version') AS postgres`,
  );
  return { madeMs: rows[0]?.madeMs ?? 0, postgres: rows[0]?.postgres ?? '' };
}

/** Whether any dataset of this campaign has, or had, the embedded catalog. */
async function usesCatalog(client: pg.Client, schema: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM ${qualified(schema, 'generations')} WHERE loaded #>> '{site,catalog,driver}' = 'embedded' LIMIT 1`,
  );
  return rows.length > 0;
}

async function partOf(client: pg.Client, name: Part['name'], schema: string): Promise<Part> {
  const tables: TableInBackup[] = [];
  for (const table of await tablesIn(client, schema)) {
    // The lock keeps the table as it is until its turn comes.
    await client.query(`LOCK TABLE ${qualified(schema, table.name)} IN ACCESS SHARE MODE`);
    const { rows } = await client.query<{ rows: number }>(
      `SELECT count(*) AS rows FROM ${qualified(schema, table.name)}`,
    );
    tables.push({ ...table, rows: rows[0]?.rows ?? 0 });
  }
  return { name, schema, tables, sequences: await sequencesIn(client, schema) };
}

async function* entriesOf(
  client: pg.Client,
  manifest: Manifest,
  tell: BackupOptions['tell'],
  signal: AbortSignal,
): AsyncGenerator<TarEntry> {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  const sums: Record<string, string> = { [MANIFEST]: createHash('sha256').update(text).digest('hex') };
  yield { name: MANIFEST, bytes: text };

  let total = 0;
  for (const part of manifest.parts) {
    for (const table of part.tables) {
      const place = placeOf(part, table);
      const sum = createHash('sha256');
      let piece = 0;
      for await (const bytes of pieces(copyOut(client, part, table, signal))) {
        sum.update(bytes);
        piece += 1;
        total += bytes.length;
        tell({ table: place, bytes: total, ofBytes: null });
        yield { name: `${place}/${String(piece).padStart(6, '0')}`, bytes };
      }
      sums[place] = sum.digest('hex');
    }
  }
  yield { name: CHECKSUMS, bytes: Buffer.from(`${JSON.stringify(sums, null, 2)}\n`) };
}

async function* copyOut(
  client: pg.Client,
  part: Part,
  table: TableInBackup,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const columns = table.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const copy = copyTo(
    `COPY ${qualified(part.schema, table.name)} (${columns}) TO STDOUT WITH (FORMAT text, ENCODING 'UTF8')`,
  );
  yield* addAbortSignal(signal, client.query(copy));
  if (copy.rowCount !== table.rows) {
    throw new Error(`${placeOf(part, table)}: ${copy.rowCount} rows were read where ${table.rows} are`);
  }
}

/** The same bytes in pieces of one size; the last one shorter. */
async function* pieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    size += chunk.length;
    if (size < PIECE_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
}
