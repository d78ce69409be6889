/** `delete` takes the local copy of an output away whose far copy was read back in this very pass. */

import { concludeOutput } from './failed-step.ts';
import { countsFiles, each, type KindOf, noBytes, none, nothing, unjoined } from './kind.ts';
import type { Proved } from './proved.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly delete: Proved;
  }
}

export const deletion: KindOf<'delete'> = {
  budget: 'delete',
  about: ({ fileId }) => fileId,
  systems: ({ store, proof }) => [store, proof.store],
  uses: noBytes,
  makes: none,
  empties({ store, path, fileId }, _, standing) {
    const { inputId } = standing.output(fileId);
    return { store, path, input: standing.input(inputId).name, fileId };
  },
  ...unjoined,
  // The copy is named by its own row already.
  intent: none,
  writesTo: ({ store }) => [store],
  refusedWith: nothing,
  conclude: each(({ step, outcome }, { context }) =>
    concludeOutput(context, step.fileId, outcome, { type: 'output.deleted' }, step.because),
  ),
  counts: (step) => ({ ...countsFiles(step), deletions: 1 }),
  noun: 'file',
};
