/** What is written before a step is taken: the rows that name what it will create (law 2). */

import type { PassContext } from '../../model/context.ts';
import type { Finding } from '../../model/findings.ts';
import type { ReadyStep } from '../../model/steps.ts';
import type { Standing } from '../change/change-of.ts';
import { kindOf } from './kinds.ts';

/** The findings that go with the intents of steps. */
export function intend(
  context: PassContext,
  steps: readonly ReadyStep[],
  standing: Standing,
): readonly Finding[] {
  return steps.flatMap((step) => kindOf(step.kind).intent(step, context, standing));
}
