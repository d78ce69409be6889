/** `declare` tells the catalog of an output. */

import type { FileId } from '../../../machines/model.ts';
import { CATALOG } from '../../model/holds.ts';
import type { Declaration } from '../../ports/catalog.ts';
import { concludeEntries, THE_CATALOG } from './catalog-gate.ts';
import { countsFiles, type KindOf, noBytes, none, nothing, unjoined } from './kind.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly declare: { readonly fileId: FileId; readonly declaration: Declaration };
  }
}

export const declare: KindOf<'declare'> = {
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
  conclude: concludeEntries({ type: 'output.declared' }, () => 'the catalog took it'),
  counts: countsFiles,
  noun: 'file',
};
