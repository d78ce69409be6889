/** `cancel` ends a submission whose results would not count. */

import type { SubmissionName } from '../../../machines/model.ts';
import { countsNoFiles, type KindOf, noBytes, none, nothing, unjoined } from './kind.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly cancel: { readonly submission: SubmissionName };
  }
}

export const cancel: KindOf<'cancel'> = {
  budget: 'cancel',
  about: nothing,
  systems: nothing,
  uses: noBytes,
  makes: none,
  empties: nothing,
  ...unjoined,
  intent: none,
  writesTo: none,
  refusedWith: nothing,
  // How its jobs end is seen, as that of every other.
  conclude: none,
  counts: countsNoFiles,
  noun: 'submission',
};
