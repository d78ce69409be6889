/** Putting into quarantine what attempts left that do not count any more. */
import type { SubmissionName } from '../../machines/model.ts';
import { ATTEMPTS_GLOB, attemptOf, quarantinePath } from '../decide/names.ts';
import type { DatasetRow } from '../decide/rows.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';

export interface Leaving {
  readonly store: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly submission: SubmissionName;
}

/** Every store in which attempts of a dataset write. */
export function attemptStores({ loaded }: DatasetRow): readonly string[] {
  const { input, outputs } = loaded.spec;
  const places = outputs.flatMap((output) => [output.store, ...(output.export ? [output.export.to] : [])]);
  return [...new Set([input.store, ...places])];
}

/**
 * What lies under attempts' names in a dataset's stores. A store that does not
 * answer is left for another time.
 */
export async function leavings(
  dataset: DatasetRow,
  ports: SitePorts,
  signal: AbortSignal,
): Promise<readonly Leaving[]> {
  const lists = await Promise.all(
    attemptStores(dataset).map(async (store): Promise<Leaving[]> => {
      const seen = await ports.stores.get(store)?.list(ATTEMPTS_GLOB, 0, signal).catch(leftForLater);
      return [...(seen?.found ?? [])].flatMap(([path, { sizeBytes }]) => {
        const submission = attemptOf(path);
        return submission === undefined ? [] : [{ store, path, sizeBytes, submission }];
      });
    }),
  );
  return lists.flat();
}

function leftForLater(error: unknown): undefined {
  if (!(error instanceof DriverError)) throw error;
  return undefined;
}

/** Rename leavings into quarantine. @returns those that were, the others are left for another time */
export async function putAway(
  files: readonly Leaving[],
  number: number,
  ports: SitePorts,
  signal: AbortSignal,
): Promise<readonly Leaving[]> {
  const away: Leaving[] = [];
  for (const file of files) {
    try {
      await ports.stores.get(file.store)?.promote(file.path, quarantinePath(file.path, number), null, signal);
      away.push(file);
    } catch (error) {
      leftForLater(error);
    }
  }
  return away;
}
