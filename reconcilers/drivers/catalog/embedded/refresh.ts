import { DriverError } from '../../../ports/errors.ts';
import type { Session } from './database.ts';
import { importManifest } from './manifest-import.ts';
import { manifestSignature } from './manifest-reader.ts';
import type { Tables } from './schema.ts';

/** A manifest that is not as it was imported last, or of which that cannot be said. */
export type StaleManifest =
  | { readonly path: string; readonly known: string | null }
  | { readonly path: string; readonly problem: DriverError };

/** Which manifests changed since they were imported: one stat each, one statement for all. */
export async function staleManifests(
  session: Session,
  tables: Tables,
  paths: readonly string[],
): Promise<readonly StaleManifest[]> {
  if (paths.length === 0) return [];
  const rows = await session.query(`SELECT path, signature FROM ${tables.manifests} WHERE path = ANY ($1)`, [
    paths,
  ]);
  const imported = new Map(rows.map((row) => [row.path, String(row.signature)]));
  const checked = await Promise.all(
    paths.map(async (path): Promise<StaleManifest | null> => {
      const known = imported.get(path) ?? null;
      try {
        return (await manifestSignature(path)) === known ? null : { path, known };
      } catch (error) {
        if (!(error instanceof DriverError)) throw error;
        return { path, problem: error };
      }
    }),
  );
  return checked.filter((stale) => stale !== null);
}

/**
 * Import the manifests that changed, each in a transaction of its own.
 *
 * @param inTransaction  runs and commits one; long statements are allowed in it
 * @returns what is wrong with the manifests that could not be read or imported:
 *   of those the last good import stands
 */
export async function refresh(
  stale: readonly StaleManifest[],
  tables: Tables,
  inTransaction: (work: (session: Session) => Promise<void>) => Promise<void>,
): Promise<readonly DriverError[]> {
  const problems: DriverError[] = [];
  for (const manifest of stale) {
    if ('problem' in manifest) {
      problems.push(manifest.problem);
      continue;
    }
    try {
      await inTransaction((session) => importManifest(session, tables, manifest));
    } catch (error) {
      // Another manifest may be good; a server that is down says so again at the next statement.
      if (!(error instanceof DriverError)) throw error;
      problems.push(error);
    }
  }
  return problems;
}
