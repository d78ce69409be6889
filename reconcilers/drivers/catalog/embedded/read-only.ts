/**
 * What the catalog would hold if the manifests were imported now, in memory: a dry
 * run may import nothing, and is to plan what the real one would find.
 */
import type { CatalogFile } from '../../../ports/catalog.ts';
import { DriverError } from '../../../ports/errors.ts';
import type { Session } from './database.ts';
import { readManifest } from './manifest-reader.ts';
import { FILE_COLUMNS, fileOf, PAGE_FILES } from './read.ts';
import type { StaleManifest } from './refresh.ts';
import type { Tables } from './schema.ts';

/** A file as an import would find it. */
export interface Held {
  readonly file: CatalogFile;
  readonly declared: boolean;
  readonly manifests: readonly string[];
  /** Locations that were added, which an import keeps. */
  readonly added: readonly string[];
}

export interface ImaginedCatalog {
  readonly held: ReadonlyMap<string, Held>;
  readonly problems: readonly DriverError[];
}

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** Everything the schema holds, retired files too: a manifest may name them again. */
export async function heldFiles(session: Session, tables: Tables): Promise<ReadonlyMap<string, Held>> {
  const rows = await session.query(`SELECT ${FILE_COLUMNS}, f.declared, f.manifests FROM ${tables.files} f`);
  return new Map(
    rows.map((row) => {
      const { declared, manifests, added_locations: added } = row;
      const held = { declared: declared === true, manifests: strings(manifests), added: strings(added) };
      return [String(row.name), { file: fileOf(row), ...held }];
    }),
  );
}

async function manifestContents(path: string): Promise<ReadonlyMap<string, CatalogFile>> {
  const contents = new Map<string, CatalogFile>();
  const lines = new Map<string, number>();
  await readManifest(path, PAGE_FILES, async (batch) => {
    for (const { line, file } of batch) {
      const { metadata: _, ...described } = file;
      const first = lines.get(file.name);
      if (first !== undefined) {
        const sentence = `${file.name} was named before, on line ${first}; take one out`;
        throw new DriverError('rejected', `${path}:${line}: ${sentence}`);
      }
      lines.set(file.name, line);
      contents.set(file.name, described);
    }
  });
  return contents;
}

/** What `importManifest` does, to a map. */
function imported(
  held: ReadonlyMap<string, Held>,
  path: string,
  contents: ReadonlyMap<string, CatalogFile>,
): ReadonlyMap<string, Held> {
  const next = new Map(held);
  for (const [name, before] of held) {
    if (contents.has(name) || !before.manifests.includes(path)) continue;
    next.set(name, { ...before, manifests: before.manifests.filter((other) => other !== path) });
  }
  for (const [name, file] of contents) {
    const before = held.get(name);
    if (before?.declared) continue;
    const added = before?.added ?? [];
    const manifests = [...new Set([...(before?.manifests ?? []), path])];
    const locations = [...new Set([...file.locations, ...added])];
    next.set(name, { file: { ...file, locations }, declared: false, manifests, added });
  }
  return next;
}

/** The catalog with the stale manifests imported; nothing is written anywhere. */
export async function imaginedCatalog(
  before: ReadonlyMap<string, Held>,
  stale: readonly StaleManifest[],
  signal: AbortSignal,
): Promise<ImaginedCatalog> {
  const problems: DriverError[] = [];
  let held = before;
  for (const manifest of stale) {
    signal.throwIfAborted();
    try {
      if ('problem' in manifest) throw manifest.problem;
      held = imported(held, manifest.path, await manifestContents(manifest.path));
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      problems.push(error);
    }
  }
  return { held, problems };
}

/** The files an imagined catalog would answer with, in the order of their names' code points. */
export function presentFiles({ held }: ImaginedCatalog): readonly CatalogFile[] {
  const present = [...held.values()].filter(({ declared, manifests }) => declared || manifests.length > 0);
  return present
    .map(({ file }) => ({ file, key: Buffer.from(file.name) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ file }) => file);
}
