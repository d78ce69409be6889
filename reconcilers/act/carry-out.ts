import type { FailedForGood } from '../decide/change/failures-for-good.ts';
import type { Budget } from '../decide/steps/budget.ts';
import type { Plan } from '../decide/steps/plan.ts';
import type { LeaseTaken, Records } from '../model/records.ts';
import type { Transition } from '../model/rows.ts';
import { type TakenStep, takenAs } from '../model/steps.ts';
import { DriverError } from '../ports/errors.ts';
import { checkMarkers, type MarkedPlace, markBefore, markedPlaces } from './marker.ts';
import { type Begun, begin, type PageToBegin, record } from './record.ts';
import { type TakingAround, takeSteps } from './take-steps.ts';
import { underLease } from './under-lease.ts';

/** `CarriedOut` is what a page came to: what moved, what was planned and taken, and what is left of the budget. */
export interface CarriedOut {
  readonly moves: readonly Transition[];
  readonly failed: readonly FailedForGood[];
  readonly plan: Plan;
  readonly taken: readonly TakenStep[];
  readonly left: Budget;
}

interface CarryingAround extends TakingAround {
  readonly records: Records;
}

/**
 * Do what a page needs, under its lease: intents committed, steps taken,
 * outcomes committed.
 */
export async function carryOut(asked: PageToBegin, around: CarryingAround): Promise<CarriedOut | LeaseTaken> {
  const { records, ports, signal } = around;
  const places = markedPlaces(asked.context, ports);
  await checkMarkers(places, records, signal);
  return underLease(records, asked.context.dataset, asked.rules.phase, async (lease) => {
    const begun = await begin(records, lease, asked);
    const refused = await unmarked(begun, places, around);
    const { taken, moves, failed } =
      refused.length > 0
        ? { taken: refused, ...(await record(records, lease, begun, refused)) }
        : await takeSteps(lease, begun, around);
    return {
      moves: [...begun.moves, ...moves],
      failed: [...begun.failed, ...failed],
      plan: begun.plan,
      taken,
      left: begun.left,
    };
  });
}

/**
 * Mark the places in which steps are about to make something.
 *
 * @returns none when that is done; else, where a place takes no marker, each of those
 *   steps as refused: nothing was made, and the phase's gate says why
 */
async function unmarked(
  { steps, context }: Begun,
  places: readonly MarkedPlace[],
  { records, signal }: { readonly records: Records; readonly signal: AbortSignal },
): Promise<readonly TakenStep[]> {
  if (steps.length === 0) return [];
  try {
    await markBefore(steps, places, context, records, signal);
    return [];
  } catch (error) {
    const making = steps.filter((step) => 'number' in step);
    if (!(error instanceof DriverError) || making.length === 0) throw error;
    const { message } = error;
    return making.map((step) => takenAs(step, { ok: false, code: 'refused', message }));
  }
}
