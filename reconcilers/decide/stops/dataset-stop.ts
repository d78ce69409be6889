/** What stops a whole dataset. */
import type { PassContext } from '../../model/context.ts';
import { type Stop, stop } from '../../model/stops.ts';

/**
 * Why no new work is begun for the dataset; undefined when nothing stops it.
 *
 * What is already in motion is still observed and concluded.
 */
export function datasetStop({ dataset, totals }: Pick<PassContext, 'dataset' | 'totals'>): Stop | undefined {
  const { orphanedMs, heldReason, loaded } = dataset;
  const { foreign } = totals;
  if (foreign !== null) return stop('marker.foreign', foreign.message, foreign.sinceMs);
  if (orphanedMs !== null) {
    return stop('orphaned', 'orphaned: no spec file asks for this dataset any more', orphanedMs);
  }
  if (loaded.spec.suspend) return stop('suspended.inSpec', 'suspended in its spec (`suspend: true`)');
  if (heldReason !== null) return stop('held.members', `held: ${heldReason}`);
  return undefined;
}
