/** The names of datasets for a shell that completes them: at once, or none. */
import { openDatabase } from '../db/database.ts';
import { serverStatus } from '../db/server/embedded.ts';
import { databaseUrl, lookedAtFolder, SCHEMA } from './state.ts';

/** More than a person chooses among. */
const MOST = 200;

/** A person waits for it with a finger on the key. */
const PATIENCE_MS = 2_000;

/** The names on record; empty where no server runs, or none answers at once. Nothing is started. */
export async function datasetNames(signal: AbortSignal): Promise<readonly string[]> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    const url = databaseUrl();
    const where = url ?? (await serverStatus(lookedAtFolder(), patience)).connection;
    if (where === undefined) return [];
    return await Promise.race([
      namesIn(typeof where === 'string' ? where : { ...where }),
      new Promise<readonly string[]>((resolve) => patience.addEventListener('abort', () => resolve([]))),
    ]);
  } catch {
    // A completion that fails is none: the command itself says what is wrong.
    return [];
  }
}

async function namesIn(where: Parameters<typeof openDatabase>[0]): Promise<readonly string[]> {
  const database = openDatabase(where, SCHEMA);
  try {
    const rows: readonly { readonly name: string }[] = await database
      .knex('datasets')
      .select('name')
      .orderBy('name')
      .limit(MOST);
    return rows.map(({ name }) => name);
  } finally {
    await database.close();
  }
}
