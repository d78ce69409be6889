/** Lists what lies in stores under names of ours and is no attempt's: quarantine, and what killed calls were writing. */
import { TEMPORARIES } from '../../machines/model.ts';
import { QUARANTINE } from '../model/names.ts';
import type { LeftInStore } from '../model/sweeping.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';
import type { Leaving } from './put-away.ts';

/** A small file that a call of ours was writing when it was killed. */
export interface Abandoned {
  readonly store: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** What some stores have in quarantine. */
export interface Kept {
  /** The stores that answered whole. */
  readonly listed: readonly string[];
  readonly quarantined: readonly LeftInStore[];
}

/** Ask stores what killed calls were writing; one that does not answer is left for another time. */
export async function abandonedIn(
  stores: readonly string[],
  ports: SitePorts,
  signal: AbortSignal,
): Promise<readonly Abandoned[]> {
  const abandoned: Abandoned[] = [];
  for (const name of stores) {
    const seen = await ports.stores.get(name)?.list(`${TEMPORARIES}/*`, 0, signal).catch(leftForLater);
    for (const [path, { sizeBytes }] of seen?.found ?? []) abandoned.push({ store: name, path, sizeBytes });
  }
  return abandoned;
}

function leftForLater(error: unknown): undefined {
  if (!(error instanceof DriverError)) throw error;
  return undefined;
}

/** Count what stores have in quarantine; one that does not answer is left for another time. */
export async function keptIn(
  stores: readonly string[],
  ports: SitePorts,
  signal: AbortSignal,
): Promise<Kept> {
  const listed: string[] = [];
  const quarantined: LeftInStore[] = [];
  for (const name of stores) {
    const seen = await ports.stores.get(name)?.list(`${QUARANTINE}/**`, 0, signal).catch(leftForLater);
    if (!seen?.complete) continue;
    listed.push(name);
    const files = [...seen.found].map(([path, file]) => ({ ...file, path }));
    quarantined.push(...counted(name, 'quarantine', files));
  }
  return { listed, quarantined };
}

/** Files of attempts that this database does not know, store by store. */
export function unknownIn(files: readonly Leaving[]): readonly LeftInStore[] {
  const stores = [...new Set(files.map(({ store }) => store))];
  return stores.flatMap((store) =>
    counted(
      store,
      'unknown',
      files.filter((file) => file.store === store),
    ),
  );
}

function counted(
  store: string,
  kind: LeftInStore['kind'],
  files: readonly { readonly path: string; readonly sizeBytes: number }[],
): readonly LeftInStore[] {
  const [first] = files;
  if (first === undefined) return [];
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return [{ store, kind, files: files.length, sizeBytes, example: first.path }];
}
