/** Where inputs and outputs are to end, and how many are not there yet. */

import { OUTPUT_STATES, type OutputState } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';

/** How far an output has come; what is beyond its goal, since the spec asked for more before, is at its goal. */
const FURTHEST: readonly OutputState[] = ['promoted', 'declared', 'located', 'copied', 'deleted'];

/** The outputs that are exported. */
export function exported({ dataset }: Pick<PassContext, 'dataset'>) {
  return dataset.loaded.spec.outputs.filter((output) => output.export !== null);
}

/** The state in which an output of this key has nothing left to do. */
export function goalOf({ dataset }: Pick<PassContext, 'dataset'>, key: string): OutputState {
  const wanted = dataset.loaded.spec.outputs.find((output) => output.key === key);
  if (wanted?.export) return wanted.export.thenDelete ? 'deleted' : 'copied';
  return wanted && wanted.declare !== 'never' ? 'located' : 'promoted';
}

/** Whether an output has nothing left to do. */
export function isAtGoal(context: Pick<PassContext, 'dataset'>, key: string, state: OutputState): boolean {
  return FURTHEST.indexOf(state) >= FURTHEST.indexOf(goalOf(context, key));
}

/** For each key of an output the states in which it has nothing left to do. */
export function goalStates(
  context: Pick<PassContext, 'dataset' | 'totals'>,
): readonly { readonly key: string; readonly state: OutputState }[] {
  return Object.keys(context.totals.outputs).flatMap((key) =>
    OUTPUT_STATES.filter((state) => isAtGoal(context, key, state)).map((state) => ({ key, state })),
  );
}

/**
 * Whether an input has nothing left to do. One that a person has waived is settled; one that the
 * input no longer names counts no more.
 */
export function inputIsAtGoal(
  context: Pick<PassContext, 'dataset'>,
  { state, retiredMs, waiverId, retryAtMs }: Pick<InputRow, 'state' | 'retiredMs' | 'waiverId' | 'retryAtMs'>,
): boolean {
  if (retiredMs !== null || state === 'copied') return true;
  if (state === 'done') return exported(context).length === 0;
  return state === 'error' && waiverId !== null && retryAtMs === null;
}

/** Whether an output has nothing left to do, and no trouble that a person must end. One that is lost counts no more. */
export function outputIsAtGoal(
  context: Pick<PassContext, 'dataset'>,
  { key, state, class: cls, retryAtMs }: Pick<OutputRow, 'key' | 'state' | 'class' | 'retryAtMs'>,
): boolean {
  if (state === 'lost') return true;
  return isAtGoal(context, key, state) && (cls === null || retryAtMs !== null);
}

/** Outputs of the dataset that are still on their way to their goals. */
export function outputsUnderWay(context: Pick<PassContext, 'dataset' | 'totals'>): number {
  return Object.entries(context.totals.outputs).reduce((sum, [key, states]) => {
    const open = OUTPUT_STATES.filter((state) => state !== 'lost' && !isAtGoal(context, key, state));
    return sum + open.reduce((files, state) => files + (states[state] ?? 0), 0);
  }, 0);
}

/** Inputs that are neither done nor waived; 0: the dataset is processed. */
export function openInputs({ inputs, waived }: PassContext['totals']): number {
  const { pending, transferred, verified, running, error } = inputs;
  return pending + transferred + verified + running + error - waived;
}
