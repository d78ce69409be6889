/**
 * The catalog that ReReco brings along: a schema of its own, reached over a
 * connection of its own, like any outside system; filled from NDJSON manifests
 * (manifest-line.ts) and by declarations, asked in a small language (query.ts).
 *
 * The schema makes itself at the first use. A manifest is imported whenever it
 * changed, in one transaction; write manifests under another name and rename
 * them. While one cannot be read or is wrong, the last good import stands:
 * `members` throws what is wrong, `describe` answers for what it knows and calls
 * everything else unknown.
 */
import type { Millis } from '../../../../machines/model.ts';
import type { Catalog, CatalogFile, MembersQuestion } from '../../../ports/catalog.ts';
import { DriverError } from '../../../ports/errors.ts';
import type { Seen } from '../../../ports/seen.ts';
import {
  type Access,
  IMPORT_TIMES_LONGER,
  imagined,
  openAccess,
  type Readable,
  upToDate,
  type Work,
} from './access.ts';
import { addLocations } from './add-locations.ts';
import type { Connection } from './database.ts';
import { declare } from './declare.ts';
import { type Condition, definitionCondition, queryCondition } from './definitions.ts';
import { isOf } from './is-of.ts';
import { nameProblem } from './name-problem.ts';
import { chunksOf, knownFiles, memberPages, PAGE_FILES } from './read.ts';
import { retract } from './retract.ts';
import { CATALOG_SCHEMA, ensureSchema } from './schema.ts';

export interface EmbeddedCatalogOptions {
  /** For a small pool; a function is called at the first use, and anew after a failure to connect. */
  readonly connection: Connection;
  readonly schema?: string;
  /** Absolute paths. Those named later are imported later. */
  readonly manifests: readonly string[];
  /** Queries by name. */
  readonly definitions: Readonly<Record<string, string>>;
  /** For connecting, and for each statement. */
  readonly timeoutMs: number;
  /**
   * Makes and imports nothing, refuses every change, and answers as if the
   * manifests had been imported now; in memory where the schema is behind.
   */
  readonly readOnly?: boolean;
}

/** A catalog with connections to close. */
export type ClosableCatalog = Catalog & { close(): Promise<void> };

type Refresh = (signal: AbortSignal) => Promise<Readable>;

async function* members(
  access: Access,
  refresh: Refresh,
  condition: Condition,
  signal: AbortSignal,
): AsyncIterable<readonly CatalogFile[]> {
  const { problems, inMemory } = await refresh(signal);
  const [problem] = problems;
  if (problem) throw problem;
  if (inMemory) {
    yield* chunksOf(inMemory.filter((file) => isOf(condition, file)));
    return;
  }
  const session = await access.begin('read', signal);
  try {
    yield* memberPages(session, access.tables, condition);
    await session.commit();
  } finally {
    session.end();
  }
}

/** Names that the catalog cannot hold are absent from it, and not asked. */
async function found(
  access: Access,
  inMemory: readonly CatalogFile[] | null,
  names: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, CatalogFile>> {
  if (inMemory) {
    return new Map(inMemory.filter(({ name }) => names.has(name)).map((file) => [file.name, file]));
  }
  return access.transaction('read', signal, (session) => knownFiles(session, access.tables, [...names]));
}

async function describe(
  access: Access,
  refresh: Refresh,
  question: { readonly names: readonly string[]; readonly askedAt: Millis },
  signal: AbortSignal,
): Promise<Seen<string, CatalogFile>> {
  const { askedAt } = question;
  const names = new Set(question.names.filter((name) => nameProblem(name) === null));
  const { problems, inMemory } = await refresh(signal);
  const files = await found(access, inMemory, names, signal);
  if (problems.length === 0) return { askedAt, complete: true, found: files, unknown: new Map() };

  // What is not here may be in the manifest that could not be read.
  const reason = problems.map(({ message }) => message).join('; ');
  const missing = [...names].filter((name) => !files.has(name));
  return { askedAt, complete: false, found: files, unknown: new Map(missing.map((name) => [name, reason])) };
}

/** A catalog kept in PostgreSQL beside our own tables, but apart from them. Connects at the first call. */
export function embeddedCatalog(options: EmbeddedCatalogOptions): ClosableCatalog {
  const { connection, schema = CATALOG_SCHEMA, manifests, definitions, timeoutMs, readOnly } = options;
  const access = openAccess({ connection, schema, timeoutMs });
  const refresh: Refresh = (signal) => (readOnly ? imagined : upToDate)(access, manifests, signal);

  const conditionOf = (question: MembersQuestion): Condition =>
    'definition' in question
      ? definitionCondition(question.definition, definitions)
      : queryCondition(question.query, definitions);

  async function change<T>(signal: AbortSignal, work: Work<T>): Promise<T> {
    if (readOnly) throw new DriverError('forbidden', 'embedded catalog: a dry run changes nothing in it');
    return access.transaction('write', signal, async (session) => {
      await ensureSchema(session, access.tables);
      return work(session);
    });
  }

  return {
    driver: 'embedded',
    // A call is several statements, and may have to wait for an import.
    callTimeoutMs: timeoutMs * IMPORT_TIMES_LONGER,
    namesPerCall: PAGE_FILES,
    async *members(question, signal) {
      yield* members(access, refresh, conditionOf(question), signal);
    },
    describe: (names, askedAt, signal) => describe(access, refresh, { names, askedAt }, signal),
    declare: (files, signal) => change(signal, (session) => declare(session, access.tables, files)),
    addLocations: (locations, signal) =>
      change(signal, (session) => addLocations(session, access.tables, locations)),
    retract: (names, signal) => change(signal, (session) => retract(session, access.tables, names)),
    close: () => access.close(),
  };
}
