import type { CatalogFile } from '../../../ports/catalog.ts';
import type { Session } from './database.ts';
import type { Condition } from './definitions.ts';
import { querySql } from './query-sql.ts';
import type { Tables } from './schema.ts';

/** Files a statement brings, and so a page. */
export const PAGE_FILES = 5_000;

export type Row = Readonly<Record<string, unknown>>;

export const FILE_COLUMNS = `f.name, f.size_bytes, f.event_count, f.checksums, f.data_tier, f.run, f.parents,
  f.manifest_locations, f.added_locations`;

const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** A row of FILE_COLUMNS as the port describes a file. */
export function fileOf(row: Row): CatalogFile {
  return {
    name: String(row.name),
    sizeBytes: numberOrNull(row.size_bytes),
    eventCount: numberOrNull(row.event_count),
    checksums: texts(row.checksums),
    dataTier: textOrNull(row.data_tier),
    run: numberOrNull(row.run),
    parents: texts(row.parents),
    locations: [...new Set([...texts(row.manifest_locations), ...texts(row.added_locations)])],
  };
}

/** The files of a condition in pages, by name; a consistent answer in a transaction that sees one moment. */
export async function* memberPages(
  session: Session,
  tables: Tables,
  condition: Condition,
): AsyncIterable<readonly CatalogFile[]> {
  const { sql, values } = querySql(condition, 2);
  const text = `SELECT ${FILE_COLUMNS} FROM ${tables.files} f
    WHERE f.name > $1 AND NOT f.retired AND ${sql} ORDER BY f.name LIMIT ${PAGE_FILES}`;
  let last = '';
  for (;;) {
    const page = (await session.query(text, [last, ...values])).map(fileOf);
    if (page.length > 0) yield page;
    if (page.length < PAGE_FILES) return;
    last = page[page.length - 1]?.name ?? last;
  }
}

/** A list in parts of at most PAGE_FILES. */
export function chunksOf<T>(list: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / PAGE_FILES);
  return Array.from({ length: count }, (_, at) => list.slice(at * PAGE_FILES, (at + 1) * PAGE_FILES));
}

/** Those of the names that are known, retired files left out. */
export async function knownFiles(
  session: Session,
  tables: Tables,
  names: readonly string[],
): Promise<ReadonlyMap<string, CatalogFile>> {
  const found = new Map<string, CatalogFile>();
  for (const chunk of chunksOf(names)) {
    const rows = await session.query(
      `SELECT ${FILE_COLUMNS} FROM ${tables.files} f WHERE f.name = ANY ($1) AND NOT f.retired`,
      [chunk],
    );
    for (const row of rows) found.set(String(row.name), fileOf(row));
  }
  return found;
}
