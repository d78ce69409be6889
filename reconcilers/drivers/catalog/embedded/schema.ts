import pg from 'pg';
import { DriverError } from '../../../ports/errors.ts';
import type { Session } from './database.ts';

/** Where the catalog is kept unless another schema is named. */
export const CATALOG_SCHEMA = 'rereco_catalog';

/** All that making the tables needs of a transaction. */
type Asked = Pick<Session, 'query'>;

/** The names of the catalog's tables, quoted and with their schema. */
export interface Tables {
  /** As it is, not quoted. */
  readonly schemaName: string;
  readonly schema: string;
  readonly version: string;
  readonly manifests: string;
  readonly files: string;
}

/** Raised with every change of the tables below. */
const VERSION = 1;

/** Where the tables of a schema are. */
export function tablesOf(schema: string): Tables {
  const quoted = pg.escapeIdentifier(schema);
  const table = (name: string): string => `${quoted}.${name}`;
  return {
    schemaName: schema,
    schema: quoted,
    version: table('catalog_version'),
    manifests: table('manifests'),
    files: table('files'),
  };
}

/** Held to the end of the transaction by whoever makes the schema or imports into it. */
export async function lockCatalog(session: Asked, tables: Tables): Promise<void> {
  await session.query(`SELECT pg_advisory_xact_lock(hashtext('rereco catalog'), hashtext($1))`, [
    tables.schemaName,
  ]);
}

/**
 * Whether the schema is there.
 *
 * @throws DriverError `forbidden` when a newer program made it
 */
export async function schemaExists(session: Asked, tables: Tables): Promise<boolean> {
  // Not to_regclass: it reads a cache, which after a wait for the lock still says no.
  const found = await session.query(
    `SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = 'catalog_version'`,
    [tables.schemaName],
  );
  if (found.length === 0) return false;

  const [row] = await session.query(`SELECT version FROM ${tables.version}`);
  const version = Number(row?.version);
  if (version === VERSION) return true;
  throw new DriverError(
    'forbidden',
    `embedded catalog: schema ${tables.schema} has version ${version}, this program knows ${VERSION}; upgrade it`,
  );
}

/** Make the schema where it is not there yet. Repeatable, and safe when several do it at once. */
export async function ensureSchema(session: Asked, tables: Tables): Promise<void> {
  if (await schemaExists(session, tables)) return;
  await lockCatalog(session, tables);
  if (await schemaExists(session, tables)) return;
  for (const statement of [...TABLES(tables), ...comments(tables)]) await session.query(statement);
}

const TABLES = ({ schema, version, manifests, files }: Tables): readonly string[] => [
  `CREATE SCHEMA IF NOT EXISTS ${schema}`,
  `CREATE TABLE ${version} (version integer NOT NULL)`,
  `INSERT INTO ${version} VALUES (${VERSION})`,
  `CREATE TABLE ${manifests} (
    path text COLLATE "C" PRIMARY KEY,
    signature text NOT NULL,
    file_count bigint NOT NULL
  )`,
  `CREATE TABLE ${files} (
    name text COLLATE "C" PRIMARY KEY,
    size_bytes bigint,
    event_count bigint,
    checksums text[] NOT NULL,
    data_tier text COLLATE "C",
    run bigint,
    parents text[] NOT NULL,
    manifest_locations text[] NOT NULL DEFAULT '{}',
    added_locations text[] NOT NULL DEFAULT '{}',
    application json,
    metadata json NOT NULL,
    declared boolean NOT NULL,
    manifests text[] NOT NULL,
    retired boolean NOT NULL GENERATED ALWAYS AS (NOT declared AND manifests = '{}') STORED
  )`,
];

const COLUMNS: Readonly<Record<'version' | 'manifests' | 'files', Readonly<Record<string, string>>>> = {
  version: {
    version: 'raised with every change of the tables; a program refuses a version it does not know',
  },
  manifests: {
    path: 'absolute path of an NDJSON manifest',
    signature:
      'size, times and inode of the manifest as it was imported last; another one: it is imported again',
    file_count: 'files it names',
  },
  files: {
    name: 'the name of the file, unique over manifests and declarations',
    size_bytes: 'null: not known',
    event_count: 'null: not known',
    checksums: '<algorithm>:<hex>, as in adler32:0a1b2c3d',
    data_tier: 'raw, reconstructed, thumbnail, ...; null: not known',
    run: 'null: not known, or of no run',
    parents: 'names of the files it was made from; they need not be known here',
    manifest_locations: '<store>:<path>, as the manifest says',
    added_locations: '<store>:<path>, as they were added, in that order',
    application: 'family, name and version of what made a declared file',
    metadata: 'what else was said of it, as it was said (json, not jsonb: that refuses \\u0000)',
    declared: 'true: declared by a program; imports leave it alone. false: from a manifest',
    manifests: 'paths of the manifests that name it now',
    retired: 'no manifest names it any more; kept, and absent from every answer',
  },
};

const TABLE_COMMENTS = {
  version: 'one row: the version of this schema',
  manifests: 'the manifests imported, and what tells that one has changed',
  files: 'the files of the embedded catalog, from manifests and from declarations',
} as const;

function comments(tables: Tables): readonly string[] {
  const keys = ['version', 'manifests', 'files'] as const;
  return keys.flatMap((key) => [
    `COMMENT ON TABLE ${tables[key]} IS ${pg.escapeLiteral(TABLE_COMMENTS[key])}`,
    ...Object.entries(COLUMNS[key]).map(
      ([column, comment]) => `COMMENT ON COLUMN ${tables[key]}.${column} IS ${pg.escapeLiteral(comment)}`,
    ),
  ]);
}
