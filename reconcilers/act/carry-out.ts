import type { Budget } from '../decide/budget.ts';
import type { Plan } from '../decide/plan.ts';
import type { Transition } from '../decide/rows.ts';
import type { SitePorts } from '../ports/ports.ts';
import type { LeaseTaken, Records } from '../ports/records.ts';
import { apply, type Taken } from './apply.ts';
import { dropArchived } from './archive-logs.ts';
import { checkMarkers, markedPlaces, writeMarkers } from './marker.ts';
import { begin, type PageToBegin, record } from './record.ts';

export interface CarriedOut {
  readonly moves: readonly Transition[];
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
  const lease = await records.lease(asked.context.dataset, asked.rules.phase);
  if ('takenBy' in lease) return lease;
  try {
    const begun = await begin(records, lease, asked);
    const { steps } = begun.plan;
    if (steps.length > 0) await writeMarkers(places, records, signal);
    const applying = { ports, context: begun.context, signal, mayGoOn: () => records.renew(lease) };
    const taken = await apply(steps, applying);
    const later = await record(records, lease, begun, taken);
    for (const { step, outcome } of taken) {
      if (step.kind === 'archive' && outcome.ok) await dropArchived(step, applying);
    }
    return { moves: [...begun.moves, ...later], plan: begun.plan, taken, left: begun.left };
  } finally {
    await records.release(lease);
  }
}
