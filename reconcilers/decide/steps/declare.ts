/** `declare` tells the catalog of an output. */

import type { FileId } from '../../../machines/model.ts';
import type { Declaration } from '../../ports/catalog.ts';
import { concludeEntries, ofEntries } from './catalog-gate.ts';
import type { KindOf } from './kind.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly declare: { readonly fileId: FileId; readonly declaration: Declaration };
  }
}

export const declare: KindOf<'declare'> = {
  ...ofEntries,
  conclude: concludeEntries({ type: 'output.declared' }, () => 'the catalog took it'),
};
