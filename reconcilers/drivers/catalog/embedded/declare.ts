import type { CatalogFile, Declaration } from '../../../ports/catalog.ts';
import type { Outcome } from '../../../ports/seen.ts';
import type { Session } from './database.ts';
import { isStorable, nameProblem } from './name-problem.ts';
import { chunksOf, FILE_COLUMNS, fileOf, type Row } from './read.ts';
import type { Tables } from './schema.ts';

const DONE: Outcome = { ok: true };

function refused(code: 'conflict' | 'rejected' | 'unavailable', message: string): Outcome {
  return { ok: false, code, message };
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  const both = new Set([...one, ...other]).size;
  return both === new Set(one).size && both === new Set(other).size;
}

type Facts = Pick<CatalogFile, 'sizeBytes' | 'checksums' | 'parents'>;

/** In what two descriptions of one file differ; null: in nothing that counts. */
function difference(here: Facts, said: Facts): string | null {
  if (here.sizeBytes !== said.sizeBytes) return `size ${here.sizeBytes ?? 'unknown'}, not ${said.sizeBytes}`;
  if (!sameSet(here.checksums, said.checksums)) {
    return `checksums [${here.checksums.join(', ')}], not [${said.checksums.join(', ')}]`;
  }
  if (sameSet(here.parents, said.parents)) return null;
  return `${here.parents.length} parents, not the same as the ${said.parents.length} declared`;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** What is wrong with a declaration in itself; null for a good one. */
function problemOf(file: Declaration): string | null {
  const inName = nameProblem(file.name);
  if (inName) return `the name ${inName}`;
  const { sizeBytes, eventCount, run } = file;
  if (![sizeBytes, eventCount ?? 0, run ?? 0].every(isCount)) {
    return 'size, event count and run must be whole numbers from 0';
  }
  const stored = [file.dataTier, ...file.checksums, ...file.parents].every(isStorable);
  return stored ? null : 'a text has a NUL or half of a surrogate pair in it';
}

/** Split off what need not be asked: bad declarations, and names declared twice, differently. */
function sorted(files: readonly Declaration[]) {
  const good = new Map<string, Declaration>();
  const outcomes = new Map<string, Outcome>();
  for (const file of files) {
    const problem = problemOf(file);
    const duplicate = good.get(file.name);
    if (problem) outcomes.set(file.name, refused('rejected', problem));
    else if (duplicate && difference(duplicate, file)) {
      outcomes.set(file.name, refused('conflict', 'declared twice in one call, and not alike'));
    } else good.set(file.name, duplicate ?? file);
  }
  return { good: [...good.values()].filter(({ name }) => !outcomes.has(name)), outcomes };
}

function outcomeOf(file: Declaration, row: Row | undefined): Outcome {
  if (row?.inserted === true) return DONE;
  // Somebody else declared it between our snapshot and our insert.
  if (row?.known !== true) return refused('unavailable', 'being declared by another; ask again');
  if (row.retired === true) {
    return refused('conflict', 'a file of this name left its manifest; choose another name or put it back');
  }
  const differs = difference(fileOf(row), file);
  return differs ? refused('conflict', `is in the catalog with ${differs}`) : DONE;
}

async function declareChunk(
  session: Session,
  { files }: Tables,
  chunk: readonly Declaration[],
): Promise<ReadonlyMap<unknown, Row>> {
  const asked = chunk.map((file) => ({
    name: file.name,
    size_bytes: file.sizeBytes,
    event_count: file.eventCount,
    checksums: file.checksums,
    data_tier: file.dataTier,
    run: file.run,
    parents: file.parents,
    // Texts inside the JSON: as JSON, an escaped NUL in them would stop the statement.
    application: JSON.stringify(file.application),
    metadata: JSON.stringify(file.metadata),
  }));
  const rows = await session.query(
    `WITH asked AS (
       SELECT * FROM json_to_recordset($1::json) AS a(name text, size_bytes bigint, event_count bigint,
         checksums text[], data_tier text, run bigint, parents text[], application text, metadata text)
     ), inserted AS (
       INSERT INTO ${files} (name, size_bytes, event_count, checksums, data_tier, run, parents,
         application, metadata, declared, manifests)
       SELECT name, size_bytes, event_count, checksums, data_tier, run, parents,
         application::json, metadata::json, true, '{}' FROM asked ORDER BY name
       ON CONFLICT (name) DO NOTHING RETURNING name
     )
     SELECT ${FILE_COLUMNS}, f.retired, f.name IS NOT NULL AS known, i.name IS NOT NULL AS inserted,
       a.name AS asked
     FROM asked a LEFT JOIN inserted i ON i.name = a.name LEFT JOIN ${files} f ON f.name = a.name`,
    [JSON.stringify(asked)],
  );
  return new Map(rows.map((row) => [row.asked, row]));
}

/**
 * Declare files in the transaction given.
 *
 * Repeatable: the insert leaves a name alone that is there, and what is there is
 * then compared. A retired name is a conflict: its history is another file's.
 */
export async function declare(
  session: Session,
  tables: Tables,
  files: readonly Declaration[],
): Promise<ReadonlyMap<string, Outcome>> {
  const { good, outcomes } = sorted(files);
  for (const chunk of chunksOf(good)) {
    const rows = await declareChunk(session, tables, chunk);
    for (const file of chunk) outcomes.set(file.name, outcomeOf(file, rows.get(file.name)));
  }
  return outcomes;
}
