/** Keeping new work from what people have suspended. */

import type { Phase } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { Decided, Decision } from '../../model/steps.ts';
import { type Stop, kindOf as tierOf } from '../../model/stops.ts';
import { suspensionOf, suspensions, systemsOf } from '../stops/suspensions.ts';
import { kindOf, plannedBy } from './kinds.ts';

/** Turn new work of what is suspended into waits; a wait that a person's word comes before says that instead. */
export function withinSuspensions(
  context: Pick<PassContext, 'dataset' | 'traits'>,
  phase: Phase,
  decided: readonly Decided[],
): readonly Decided[] {
  if (suspensions(context.dataset).length === 0) return decided;
  return decided.map((one): Decided => {
    const systems = systemsUsed(context, phase, one.decision);
    if (systems === null) return one;
    const why = suspensionOf(context, phase, systems);
    if (why === undefined) return one;
    return { ...one, rule: 'withinSuspensions', decision: { do: 'wait', stop: why } };
  });
}

/** The systems that a decision would use; null: it concludes what is in motion, or waits for more than a person. */
function systemsUsed(
  context: Pick<PassContext, 'dataset'>,
  phase: Phase,
  decision: Decision,
): readonly string[] | null {
  if (decision.do === 'wait') return comesAfterPerson(decision.stop) ? systemsOf(context, phase) : null;
  const planned = plannedBy(decision);
  return planned === undefined ? null : kindOf(planned.kind).systems(planned.part, context);
}

function comesAfterPerson(waits: Stop): boolean {
  const { tier } = tierOf(waits);
  // A person's word is of the first tier: it comes before every other stop but what is under way.
  return tier !== 'person' && tier !== 'inProgress';
}
