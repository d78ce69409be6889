/** `quarantine` puts a file aside that must not count. */

import type { FileId, StorePath, SubmissionName } from '../../../machines/model.ts';
import { patchInput } from '../../model/findings.ts';
import type { Numbered } from '../../model/steps.ts';
import { countsFiles, each, type KindOf, noBytes, none, nothing, ofArrival, unjoined } from './kind.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly quarantine: Numbered & {
      readonly store: string;
      readonly path: StorePath;
      /** The input whose raw copy it is; null: it is none. */
      readonly fileId: FileId | null;
      readonly submission: SubmissionName | null;
    };
  }
}

export const quarantine: KindOf<'quarantine'> = {
  budget: 'quarantine',
  about: ({ fileId }) => fileId,
  systems: ofArrival,
  uses: noBytes,
  makes: none,
  empties: ({ store, path, fileId }, name) => ({ store, path, input: name, fileId }),
  ...unjoined,
  // The copy is named by its own row already.
  intent: none,
  writesTo: ({ store }) => [store],
  refusedWith: nothing,
  conclude: each(({ step: { fileId }, outcome }, { context }) =>
    outcome.ok && fileId !== null ? [patchInput(fileId, { copyPath: null, actedMs: context.now })] : [],
  ),
  counts: countsFiles,
  noun: 'file',
};
