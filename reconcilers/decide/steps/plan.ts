/** From decisions about single files to the steps of a page: what can go together goes together. */
import type { PassContext } from '../../model/context.ts';
import type { Decided, Step, StepKind, Wait } from '../../model/steps.ts';
import type { SpaceLine } from '../stops/space.ts';
import { kindOf, plannedBy, STEP_KINDS } from './kinds.ts';

/** `Plan` is what a page comes to: steps in their order, and who waits for what. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly waits: readonly Wait[];
  /** Stores that the phase brings bytes to; empty where nobody asked. */
  readonly space: readonly SpaceLine[];
}

/** The steps of a page, in the order they are to be taken, and who waits for what. */
export function plan(context: PassContext, decided: readonly Decided[], space: readonly SpaceLine[]): Plan {
  return {
    steps: STEP_KINDS.flatMap((kind) => stepsOf(kind, context, decided)),
    waits: decided.flatMap(({ name, rule, decision }) =>
      decision.do === 'wait' ? [{ kind: 'wait', name, rule, stop: decision.stop } as const] : [],
    ),
    space,
  };
}

function stepsOf(kind: StepKind, context: PassContext, decided: readonly Decided[]): readonly Step[] {
  const parts = decided.flatMap(({ decision }) => {
    const planned = plannedBy(decision);
    return planned?.kind === kind ? [planned.part] : [];
  });
  return kindOf(kind).join(parts, context);
}
