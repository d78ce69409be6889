/** What stands in the way of whole datasets, in sentences. */
import type { DatasetProblem, SilentSystem } from '../../db/queries/obstacles.ts';
import { localTime, span } from './time.ts';

/** A system that is asked again and again is asked about this often; later it is said when that was. */
const ASKED_LATELY_MS = 600_000;

/** `silentLine` tells of a system that does not answer. */
export function silentLine({ site, name, message, sinceMs, seenMs }: SilentSystem, now: number): string {
  const asked = now - seenMs > ASKED_LATELY_MS ? `, last asked ${span(now - seenMs)} ago` : '';
  return `site ${site}: no answer from ${name} since ${localTime(sinceMs)}${asked}: ${message}`;
}

/** `unreadLine` tells of a dataset of which what names its files does not answer. */
export function unreadLine({ dataset, message, sinceMs }: DatasetProblem): string {
  return `${dataset}: nobody has said since ${localTime(sinceMs)} which files it wants: ${message}`;
}

/** `untold` leaves out what has been told in the same words already: one disk that is away stops many things. */
export function untold<T extends { readonly message: string }>(
  list: readonly T[],
  told: readonly (string | null)[],
): readonly T[] {
  const isFirst = (one: T) => list.find(({ message }) => message === one.message) === one;
  return list.filter((one) => isFirst(one) && !told.includes(one.message));
}
