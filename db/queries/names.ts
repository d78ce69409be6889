/** Finding what a person named. */
import type { Knex } from 'knex';

/** A file by its name; one name may have several: in several datasets, or made under several revisions. */
export interface NamedFile {
  readonly id: number;
  readonly datasetId: number;
  readonly dataset: string;
  readonly kind: 'input' | 'output';
  readonly name: string;
}

/** More files of one name than this are a mistake of somebody's. */
const MOST_OF_A_NAME = 1000;

const NAMED = `SELECT d.id, d.dataset_id AS "datasetId", t.name AS dataset, d.kind, d.name
     FROM file_details d JOIN datasets t ON t.id = d.dataset_id`;

/** Files of these names, newest first. @param dataset only of this one; null: of all */
export async function findFiles(
  knex: Knex,
  names: readonly string[],
  dataset: string | null,
): Promise<readonly NamedFile[]> {
  const { rows } = await knex.raw(
    `${NAMED} WHERE d.name = ANY(:names) AND (CAST(:dataset AS text) IS NULL OR t.name = :dataset)
     ORDER BY d.id DESC LIMIT ${MOST_OF_A_NAME}`,
    { names: [...names], dataset },
  );
  return rows;
}

/** Files whose names begin and end so, newest first: what a name whose middle was left out may mean. */
export async function findShortened(
  knex: Knex,
  { start, end }: { readonly start: string; readonly end: string },
  dataset: string | null,
): Promise<readonly NamedFile[]> {
  const { rows } = await knex.raw(
    `${NAMED} WHERE d.name >= :start AND d.name < :upTo AND length(d.name) >= length(:start) + length(:end)
       AND right(d.name, length(:end)) = :end AND (CAST(:dataset AS text) IS NULL OR t.name = :dataset)
     ORDER BY d.id DESC LIMIT ${MOST_OF_A_NAME}`,
    { start, upTo: `${start}\u{10ffff}`, end, dataset },
  );
  return rows;
}

/** So many names are compared with the one that was meant. */
const MOST_CANDIDATES = 1000;

/**
 * Names that begin as this one does, with its first half or else its first
 * quarter; where there are none, names that hold its second half.
 *
 * @returns in the order of names, each once; for suggestions only
 */
export async function namesLike(knex: Knex, name: string): Promise<readonly string[]> {
  const half = Math.ceil(name.length / 2);
  for (const length of [half, Math.ceil(half / 2)]) {
    const found = await namesFrom(knex, name.slice(0, length));
    if (found.length > 0) return found;
  }
  // A look at every name: seconds among millions, and only after a slip of the pen.
  const { rows } = await knex.raw(
    `SELECT DISTINCT name FROM file_details WHERE position(:rest IN name) > 0 ORDER BY name LIMIT ${MOST_CANDIDATES}`,
    { rest: name.slice(half) || name },
  );
  return names(rows);
}

async function namesFrom(knex: Knex, from: string): Promise<readonly string[]> {
  const { rows } = await knex.raw(
    `SELECT DISTINCT name FROM file_details WHERE name >= :from AND name < :upTo ORDER BY name LIMIT ${MOST_CANDIDATES}`,
    { from, upTo: `${from}\u{10ffff}` },
  );
  return names(rows);
}

function names(rows: readonly { readonly name: string }[]): readonly string[] {
  return rows.map((row) => row.name);
}
