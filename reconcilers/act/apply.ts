/** Taking the steps of a page. Nothing is decided here: each kind has one executor. */

import { STEP_KINDS } from '../decide/steps/kinds.ts';
import type { ReadyStep, TakenStep } from '../model/steps.ts';
import type { Taking } from './steps/executor.ts';
import { executorOf } from './steps/executors.ts';

/**
 * `apply` takes steps kind by kind, and says of each how it went, as it comes.
 *
 * Who stops asking stops the steps: those that were not begun are not taken, and their intents
 * are found by the next pass. Throws when the signal is aborted, likewise.
 */
export async function* apply(
  steps: readonly ReadyStep[],
  taking: Taking,
): AsyncGenerator<TakenStep, void, void> {
  for (const kind of STEP_KINDS) {
    const alike = steps.filter((step) => step.kind === kind);
    if (alike.length > 0) yield* executorOf(kind)(alike, taking);
  }
}
