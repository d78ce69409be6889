/** `locate` tells the catalog where a declared output lies. */

import type { FileId } from '../../../machines/model.ts';
import { concludeEntries, ofEntries } from './catalog-gate.ts';
import type { KindOf } from './kind.ts';

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
  ...ofEntries,
  conclude: concludeEntries({ type: 'output.located' }, ({ location }) => `at ${location}`),
};
