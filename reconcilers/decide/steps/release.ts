/** `release` deletes the local replica of a raw file whose origin was read back in this very pass. */

import { NOT_RELEASED } from '../../../machines/problems.ts';
import { onProblem, patchInput } from '../../model/findings.ts';
import { CLASS_OF_CODE } from './failed-step.ts';
import { countsFiles, each, type KindOf, noBytes, none, nothing, unjoined } from './kind.ts';
import type { Proved } from './proved.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly release: Proved;
  }
}

export const release: KindOf<'release'> = {
  budget: 'delete',
  about: ({ fileId }) => fileId,
  systems: ({ store, proof }) => [store, proof.store],
  uses: noBytes,
  makes: none,
  empties: ({ store, path, fileId }, name) => ({ store, path, input: name, fileId }),
  ...unjoined,
  // The copy is named by its own row already.
  intent: none,
  writesTo: ({ store }) => [store],
  refusedWith: nothing,
  conclude: each(({ step: { fileId }, outcome }, { context }) =>
    outcome.ok
      ? [patchInput(fileId, { copyPath: null, actedMs: context.now }), onProblem(NOT_RELEASED, fileId, null)]
      : [onProblem(NOT_RELEASED, fileId, { class: CLASS_OF_CODE[outcome.code], message: outcome.message })],
  ),
  counts: (step) => ({ ...countsFiles(step), deletions: 1 }),
  noun: 'file',
};
