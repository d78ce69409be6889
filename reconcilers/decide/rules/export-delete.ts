/** Deleting here what was exported: only on a proof read back in this very pass (law 4). */

import type { PassContext } from '../../model/context.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';
import { type Decision, expectedBytes } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import type { World } from '../../model/world.ts';
import { bothProofs, farCopyOf } from '../facts/export-look.ts';
import { proofFor, proofText } from '../judge/proof.ts';

/** The step that deletes a local copy, with the proof it rests on; a wait while the proof is missing. */
export function decideDelete(
  context: PassContext,
  input: InputRow,
  output: OutputRow,
  seen: World,
): Decision | undefined {
  const copy = farCopyOf(context, input, output);
  if (copy === undefined)
    return {
      do: 'wait',
      stop: stop('store.missing', 'the site has no store any more in which its far copy is'),
    };
  if (!copy.thenDelete) return undefined;
  const { store, path } = copy;
  const { far } = bothProofs(context, copy, output, seen);
  if (far.is !== 'proved') {
    return {
      do: 'wait',
      stop: stop('copy.doubtful', `${store}:${path} ${proofText(far)}; nothing is deleted`),
    };
  }
  const by = proofFor(context, store);
  return {
    do: 'step',
    step: {
      kind: 'delete',
      phase: 'export',
      names: [output.name],
      because: `${store}:${path} was read back in this pass and agrees by ${by}`,
      bytes: output.sizeBytes,
      fileId: output.id,
      store: output.store,
      path: output.path,
      expected: expectedBytes(output),
      proof: { by, store, path },
    },
  };
}
