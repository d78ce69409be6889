import { DriverError } from '../../../ports/errors.ts';
import type { Session } from './database.ts';
import { type NumberedFile, readManifest } from './manifest-reader.ts';
import { lockCatalog, type Tables } from './schema.ts';

/** Lines a statement takes: some hundred statements for the longest manifests, a few MB each. */
const BATCH = 5_000;

const INCOMING = `CREATE TEMPORARY TABLE incoming (
  line bigint, name text COLLATE "C", size_bytes bigint, event_count bigint, checksums text[],
  data_tier text COLLATE "C", run bigint, parents text[], manifest_locations text[], metadata text
) ON COMMIT DROP`;

/** What an import compares and sets. */
const FACTS = ['size_bytes', 'event_count', 'checksums', 'data_tier', 'run', 'parents', 'manifest_locations'];

/** JSON in one parameter: `unnest` cannot take lists of lists of different lengths. */
async function stage(session: Session, batch: readonly NumberedFile[]): Promise<void> {
  const rows = batch.map(({ line, file }) => ({
    line,
    name: file.name,
    size_bytes: file.sizeBytes,
    event_count: file.eventCount,
    checksums: file.checksums,
    data_tier: file.dataTier,
    run: file.run,
    parents: file.parents,
    manifest_locations: file.locations,
    // A text inside the JSON: as JSON, an escaped NUL in it would stop the statement.
    metadata: JSON.stringify(file.metadata),
  }));
  await session.query(
    'INSERT INTO incoming SELECT * FROM json_populate_recordset(null::incoming, $1::json)',
    [JSON.stringify(rows)],
  );
}

async function refuseRepeated(session: Session, path: string): Promise<void> {
  const [twice] = await session.query(
    `SELECT name, min(line) AS first, (array_agg(line ORDER BY line))[2] AS again
     FROM incoming GROUP BY name HAVING count(*) > 1 ORDER BY again LIMIT 1`,
  );
  if (!twice) return;
  const { name, first, again } = twice;
  throw new DriverError(
    'rejected',
    `${path}:${again}: ${name} was named before, on line ${first}; take one out`,
  );
}

/** Only rows that change are written, so that a manifest that was only touched costs no row. */
async function merge(session: Session, { files }: Tables, path: string): Promise<void> {
  const known = FACTS.map((column) => `f.${column}`).join(', ');
  const said = FACTS.map((column) => `i.${column}`).join(', ');
  await session.query(
    `UPDATE ${files} f
     SET (${FACTS.join(', ')}, metadata, manifests) = (SELECT ${said}, i.metadata::json,
       CASE WHEN $1 = ANY (f.manifests) THEN f.manifests ELSE f.manifests || $1::text END)
     FROM incoming i
     WHERE f.name = i.name AND NOT f.declared AND
       (${known}, f.metadata::text, $1 = ANY (f.manifests)) IS DISTINCT FROM (${said}, i.metadata, true)`,
    [path],
  );
  await session.query(
    `INSERT INTO ${files} (name, ${FACTS.join(', ')}, metadata, declared, manifests)
     SELECT i.name, ${said}, i.metadata::json, false, ARRAY[$1::text] FROM incoming i
     WHERE NOT EXISTS (SELECT FROM ${files} f WHERE f.name = i.name)
     ON CONFLICT (name) DO NOTHING`,
    [path],
  );
  await session.query(
    `UPDATE ${files} f SET manifests = array_remove(f.manifests, $1::text)
     WHERE $1 = ANY (f.manifests) AND NOT EXISTS (SELECT FROM incoming i WHERE i.name = f.name)`,
    [path],
  );
}

/**
 * Bring the catalog's files to what a manifest says, in the transaction given.
 *
 * Files it no longer names are retired where no other manifest names them;
 * declared files are left alone; where two manifests differ about a file, the
 * one imported last is believed. Repeatable.
 *
 * @param known  the signature of the import the caller knows of; nothing is done
 *   where somebody else has imported it since
 * @throws DriverError as `readManifest`, and `rejected` for a name that comes twice;
 *   the transaction is then to be given up, which leaves the last good import
 */
export async function importManifest(
  session: Session,
  tables: Tables,
  manifest: { readonly path: string; readonly known: string | null },
): Promise<void> {
  const { path, known } = manifest;
  await lockCatalog(session, tables);
  const [row] = await session.query(`SELECT signature FROM ${tables.manifests} WHERE path = $1`, [path]);
  if ((row?.signature ?? null) !== known) return;

  await session.query(INCOMING);
  const signature = await readManifest(path, BATCH, (batch) => stage(session, batch));
  await refuseRepeated(session, path);
  await session.query('ANALYZE incoming');
  await merge(session, tables, path);
  await session.query(
    `INSERT INTO ${tables.manifests} (path, signature, file_count)
     SELECT $1, $2, count(*) FROM incoming
     ON CONFLICT (path) DO UPDATE SET signature = EXCLUDED.signature, file_count = EXCLUDED.file_count`,
    [path, signature],
  );
}
