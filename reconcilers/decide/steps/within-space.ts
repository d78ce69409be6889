/** Cutting a list of decisions to the space that stores have (specs: `keepFree`). */

import type { Phase } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { Decided } from '../../model/steps.ts';
import type { World } from '../../model/world.ts';
import { roomOf, tooFull } from '../stops/space.ts';
import { kindOf, plannedBy } from './kinds.ts';

/** Turn new work that would not fit into waits that say what is missing, in order. */
export function withinSpace(
  context: PassContext,
  phase: Phase,
  decided: readonly Decided[],
  seen: World,
): readonly Decided[] {
  const { bytes } = context;
  if (bytes === null) return decided;
  const room = new Map(roomOf(context, bytes, phase, seen));
  if (room.size === 0) return decided;

  return decided.map((one): Decided => {
    const planned = plannedBy(one.decision);
    const brought = planned && kindOf(planned.kind).uses(planned.part, context, bytes);
    const uses = [...(brought ?? [])].filter(([place]) => room.has(place));
    const full = uses
      .map(([place, size]) => tooFull(place, size, room.get(place)))
      .find((why) => why !== undefined);
    if (full !== undefined) return { ...one, rule: 'withinSpace', decision: { do: 'wait', stop: full } };
    for (const [place, size] of uses) {
      const left = room.get(place);
      if (typeof left === 'number') room.set(place, left - size);
    }
    return one;
  });
}
