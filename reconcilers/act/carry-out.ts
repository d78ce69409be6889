import type { FailedForGood } from '../decide/change/failed-for-good.ts';
import type { Budget } from '../decide/steps/budget.ts';
import type { Plan } from '../decide/steps/plan.ts';
import type { LeaseTaken, Records } from '../model/records.ts';
import type { Transition } from '../model/rows.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';
import { apply, type Taken } from './apply.ts';
import { checkMarkers, type MarkedPlace, markBefore, markedPlaces } from './marker.ts';
import { type Begun, begin, type PageToBegin, record } from './record.ts';
import { underLease } from './under-lease.ts';

export interface CarriedOut {
  readonly moves: readonly Transition[];
  readonly failed: readonly FailedForGood[];
  readonly plan: Plan;
  readonly taken: readonly Taken[];
  readonly left: Budget;
}

/**
 * Do what a page needs, under its lease: intents committed, steps taken,
 * outcomes committed.
 */
export async function carryOut(
  asked: PageToBegin,
  around: { readonly records: Records; readonly ports: SitePorts; readonly signal: AbortSignal },
): Promise<CarriedOut | LeaseTaken> {
  const { records, ports, signal } = around;
  const places = markedPlaces(asked.context, ports);
  await checkMarkers(places, records, signal);
  return underLease(records, asked.context.dataset, asked.rules.phase, async (lease) => {
    const begun = await begin(records, lease, asked);
    const applying = { ports, context: begun.context, signal, mayGoOn: () => records.renew(lease) };
    const taken = (await unmarked(begun, places, around)) ?? (await apply(begun.plan.steps, applying));
    const later = await record(records, lease, begun, taken);
    return {
      moves: [...begun.moves, ...later.moves],
      failed: [...begun.failed, ...later.failed],
      plan: begun.plan,
      taken,
      left: begun.left,
    };
  });
}

/**
 * Mark the places in which steps are about to make something.
 *
 * @returns undefined when that is done; else, where a place takes no marker, each of those
 *   steps as refused: nothing was made, and the phase's gate says why
 */
async function unmarked(
  { plan: { steps }, context }: Begun,
  places: readonly MarkedPlace[],
  { records, signal }: Parameters<typeof carryOut>[1],
): Promise<readonly Taken[] | undefined> {
  if (steps.length === 0) return [];
  try {
    await markBefore(steps, places, context, records, signal);
    return undefined;
  } catch (error) {
    const making = steps.filter((step) => 'number' in step);
    if (!(error instanceof DriverError) || making.length === 0) throw error;
    const { message } = error;
    return making.map((step) => ({ step, outcome: { ok: false, code: 'refused', message } }));
  }
}
