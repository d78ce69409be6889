/** What stops a whole dataset. */
import type { PassContext } from '../../model/context.ts';
import { holdBy, resumeCommand } from '../../model/holds.ts';
import { type Stop, stop } from '../../model/stops.ts';
import { suspendedText } from './suspensions.ts';

/**
 * Why no new work is begun for the dataset; undefined when nothing stops it.
 *
 * What is already in motion is still observed and concluded.
 */
export function datasetStop({ dataset, totals }: Pick<PassContext, 'dataset' | 'totals'>): Stop | undefined {
  const { orphanedMs, loaded } = dataset;
  const { foreign } = totals;
  if (foreign !== null) return stop('marker.foreign', foreign.message, foreign.sinceMs);
  const suspended = holdBy(dataset, 'suspended.byPerson');
  if (suspended) return stop('suspended.byPerson', suspendedText(suspended), suspended.sinceMs);
  if (orphanedMs !== null) {
    return stop('orphaned', 'orphaned: no spec file asks for this dataset any more', orphanedMs);
  }
  if (loaded.spec.suspend) {
    return stop('suspended.inSpec', 'suspended in its spec (`suspend: true`); change its spec');
  }
  const members = holdBy(dataset, 'held.members');
  if (members === undefined) return undefined;
  const goOn = `or \`${resumeCommand(members)}\` to go on with the files on record`;
  return stop('held.members', `held: ${members.reason}, ${goOn}`, members.sinceMs);
}
