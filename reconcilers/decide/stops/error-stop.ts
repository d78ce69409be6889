/** Why something that failed is not tried again at once. */
import type { Millis } from '../../../machines/model.ts';
import type { Trying } from '../../model/rows.ts';
import { type Stop, stop } from '../../model/stops.ts';

/** The stop of a file or output that has failed; undefined where its next try is due. */
export function errorStop({ reason, retryAtMs, sinceMs }: Trying, now: Millis): Stop | undefined {
  const why = reason ?? 'no reason is on record';
  if (retryAtMs === null) return stop('failed.forGood', `it failed, and is not tried again: ${why}`, sinceMs);
  if (retryAtMs <= now) return undefined;
  const seconds = Math.ceil((retryAtMs - now) / 1000);
  return stop('retry.notDue', `it is tried again in ${seconds} s, after: ${why}`, sinceMs);
}
