/** `locate` tells the catalog where a declared output lies. */

import type { FileId } from '../../../machines/model.ts';
import { CATALOG } from '../../model/holds.ts';
import { concludeEntries, THE_CATALOG } from './catalog-gate.ts';
import { countsFiles, type KindOf, noBytes, none, nothing, unjoined } from './kind.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly locate: {
      readonly fileId: FileId;
      /** As the catalog knows the file. */
      readonly name: string;
      readonly location: string;
    };
  }
}

export const locate: KindOf<'locate'> = {
  budget: null,
  about: ({ fileId }) => fileId,
  systems: () => [CATALOG],
  uses: noBytes,
  makes: none,
  empties: nothing,
  ...unjoined,
  // An output is named by its own row already.
  intent: none,
  writesTo: none,
  refusedWith: () => THE_CATALOG,
  conclude: concludeEntries({ type: 'output.located' }, ({ location }) => `at ${location}`),
  counts: countsFiles,
  noun: 'file',
};
