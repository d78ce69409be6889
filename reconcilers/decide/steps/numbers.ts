/** The numbers under which steps make something, and the names that follow from them. */
import type { SubmissionName } from '../../../machines/model.ts';
import { submissionName } from '../../model/names.ts';
import type { ReadyStep, Step } from '../../model/steps.ts';
import type { Campaign } from './kind.ts';

/** The name of what a step makes under a number. */
export function nameOf(
  { dataset, installation }: Campaign,
  { number }: { readonly number: number },
): SubmissionName {
  return submissionName(dataset.requestId, installation, number);
}

/** Give steps that make something the number in its name, in order. What was begun before has its own. */
export function numbered(steps: readonly Step[], first: number): readonly ReadyStep[] {
  let next = first;
  return steps.map((step): ReadyStep => {
    if (!('number' in step)) return step;
    return step.number === null ? { ...step, number: next++ } : { ...step, number: step.number };
  });
}

/** How many numbers a plan needs. */
export function numbersNeeded(steps: readonly Step[]): number {
  return steps.filter((step) => 'number' in step && step.number === null).length;
}
