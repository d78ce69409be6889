/**
 * Files that a listing shows for the first time, or with other bytes than are on record.
 * Somebody may still be writing them: they count once they have not changed for a while.
 *
 * How long that is goes by our clock alone; the store's times are only compared with
 * themselves. No file is spared the wait for being old: a copy that keeps the times of
 * its original looks old from its first byte on.
 */

import type { Millis } from '../../../machines/model.ts';
import type { Arrival } from '../../model/members.ts';

/** A listed file as it is now, given what was seen of it before: the same row while it has not changed. */
export function arrivalOf(
  before: Arrival | undefined,
  { sizeBytes, modified }: Pick<Arrival, 'sizeBytes' | 'modified'>,
  now: Millis,
): Arrival {
  const isSame = before?.sizeBytes === sizeBytes && before.modified === modified;
  return isSame ? before : { sizeBytes, modified, sinceMs: now };
}

/** Whether an arrival has not changed for long enough to be taken as whole. */
export function isWhole({ sinceMs }: Arrival, settleForSeconds: number, now: Millis): boolean {
  return now - sinceMs >= settleForSeconds * 1000;
}

/** Files that may still be written, in words; empty where there are none. */
export function stillWritten({
  files,
  example,
}: {
  readonly files: number;
  readonly example: string | null;
}): string {
  if (files === 0) return '';
  return files === 1
    ? `1 file is still being written: ${example}`
    : `${files} files are still being written, such as ${example}`;
}
