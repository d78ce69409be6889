/** Moves files into quarantine that attempts left which do not count any more. */
import type { StorePath, SubmissionName } from '../../machines/model.ts';
import { ATTEMPTS, attemptOf, folderOf, quarantinePath } from '../model/names.ts';
import type { DatasetRow } from '../model/rows.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';
import type { Store } from '../ports/store.ts';

/** `Leaving` is a file that lies under an attempt’s name. */
export interface Leaving {
  readonly store: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly submission: SubmissionName;
}

/** A folder of an attempt in which nothing is. */
export interface EmptyFolder {
  readonly store: string;
  readonly path: StorePath;
  readonly submission: SubmissionName;
}

/** What lies under attempts' names in some stores. */
export interface Leavings {
  readonly found: readonly Leaving[];
  readonly empty: readonly EmptyFolder[];
  /** Stores that did not answer, or not whole, with what they said. */
  readonly silent: ReadonlyMap<string, string>;
}

/** Every store in which attempts of a dataset write. */
export function attemptStores({ loaded }: DatasetRow): readonly string[] {
  const { input, outputs, archive } = loaded.spec;
  const places = outputs.flatMap((output) => [output.store, ...(output.export ? [output.export.to] : [])]);
  return [...new Set([input.store, ...places, ...(archive ? [archive.store] : [])])];
}

/** List what lies under attempts' names. A store that does not answer is named with what it said. */
export async function leavings(
  stores: readonly string[],
  ports: SitePorts,
  signal: AbortSignal,
): Promise<Leavings> {
  const silent = new Map<string, string>();
  const lists = await Promise.all(
    stores.map(async (name) => {
      try {
        const store = ports.stores.get(name);
        return store === undefined ? NOTHING : await leavingsIn(name, store, silent, signal);
      } catch (error) {
        if (!(error instanceof DriverError)) throw error;
        silent.set(name, error.message);
        return NOTHING;
      }
    }),
  );
  return {
    found: lists.flatMap((list) => list.found),
    empty: lists.flatMap((list) => list.empty),
    silent,
  };
}

const NOTHING: Omit<Leavings, 'silent'> = { found: [], empty: [] };

async function leavingsIn(
  name: string,
  store: Store,
  silent: Map<string, string>,
  signal: AbortSignal,
): Promise<Omit<Leavings, 'silent'>> {
  const seen = await store.list(`${ATTEMPTS}/**`, 0, signal);
  if (!seen.complete) silent.set(name, [...seen.unknown.values()][0] ?? 'its answer was cut short');
  const found = [...seen.found].flatMap(([path, { sizeBytes }]): Leaving[] => {
    const submission = attemptOf(path);
    return submission === undefined ? [] : [{ store: name, path, sizeBytes, submission }];
  });
  const empty = (await store.emptyFolders(ATTEMPTS, signal)).flatMap((path): EmptyFolder[] => {
    const submission = folderOf(path);
    return submission === undefined ? [] : [{ store: name, path, submission }];
  });
  return { found, empty };
}

/** A file to put away. */
export type ToPutAway = Pick<Leaving, 'store' | 'path'>;

/** Rename files into quarantine. @returns those that were, the others are left for another time */
export async function putAway<File extends ToPutAway>(
  files: readonly File[],
  number: number,
  ports: SitePorts,
  signal: AbortSignal,
): Promise<readonly File[]> {
  const away: File[] = [];
  for (const file of files) {
    try {
      await ports.stores.get(file.store)?.promote(file.path, quarantinePath(file.path, number), null, signal);
      away.push(file);
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
    }
  }
  return away;
}

/** Remove the folders of attempts in which nothing is, or nothing is left. */
export async function removeEmpty(
  folders: readonly Pick<EmptyFolder, 'store' | 'path'>[],
  ports: SitePorts,
  signal: AbortSignal,
): Promise<void> {
  for (const name of new Set(folders.map(({ store }) => store))) {
    const paths = folders.filter(({ store }) => store === name).map(({ path }) => path);
    try {
      await ports.stores.get(name)?.removeFolders([...new Set(paths)], signal);
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
    }
  }
}
