import type { ErrorClass } from '../../../machines/model.ts';
import type { Change } from '../../model/change.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';

/** A file that is not tried again by itself. */
export interface FailedForGood {
  readonly name: string;
  readonly class: ErrorClass | null;
  readonly reason: string;
}

/** `failuresForGood` lists the inputs and outputs that nothing but a person moves once a change is written, and something else did before. */
export function failuresForGood({
  inputs,
  outputs,
}: Pick<Change, 'inputs' | 'outputs'>): readonly FailedForGood[] {
  const failed = [
    ...inputs.filter(({ before, after }) => isStoppedInput(after) && !isStoppedInput(before)),
    ...outputs.filter(({ before, after }) => isStoppedOutput(after) && !isStoppedOutput(before)),
  ];
  return failed.map(({ after }) => ({
    name: after.name,
    class: after.class,
    reason: after.reason ?? 'no reason on record',
  }));
}

const isStoppedInput = ({ state, retryAtMs }: InputRow) => state === 'error' && retryAtMs === null;

const isStoppedOutput = ({ class: failure, retryAtMs }: OutputRow) => failure !== null && retryAtMs === null;
