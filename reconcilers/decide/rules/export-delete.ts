/** What is next for a copied output whose copy here is to go: only on a proof read back in this very pass (law 4). */

import { type Decision, expectedBytes } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import type { World } from '../../model/world.ts';
import { bothProofs, type FarCopy, farCopyOf } from '../facts/export-look.ts';
import { type Proof, proofFor, proofText } from '../judge/proof.ts';
import { datasetIsStopped } from './dataset-is-stopped.ts';
import { failedForGood, type OutputView, retryIsNotDue } from './output-rules.ts';
import { type AnsweringRules, answerOf, wait } from './rule.ts';

/** An output whose copy here is to go, and what its far copy was seen to be. */
export interface DeletionView extends OutputView {
  readonly copy: FarCopy;
  readonly far: Proof;
}

/**
 * In order: what a person must end, what stops the dataset, what the far store says, its own next
 * try; then the deletion. Nothing is deleted before the far copy is proved.
 */
export const DELETION_RULES: AnsweringRules<DeletionView> = [
  failedForGood,
  farCopyIsDoubtful,
  datasetIsStopped,
  farStoreIsSilent,
  retryIsNotDue,
  deleteIt,
];

/** The same where the site has no store any more in which the far copy lies. */
export const STRANDED_RULES: AnsweringRules<OutputView> = [
  failedForGood,
  datasetIsStopped,
  farStoreIsMissing,
];

/** What is next for an output that is copied, and whose copy here is to go. */
export function decideDeletion(view: OutputView, seen: World) {
  const { context, input, output } = view;
  const copy = farCopyOf(context, input, output);
  if (copy === undefined) return answerOf(STRANDED_RULES, view);
  return answerOf(DELETION_RULES, { ...view, copy, far: bothProofs(context, copy, output, seen).far });
}

function farStoreIsMissing(): Decision {
  return {
    do: 'wait',
    stop: stop('store.missing', 'the site has no store any more in which its far copy is'),
  };
}

function farStoreIsSilent({ copy, far }: DeletionView): Decision | undefined {
  return far.is === 'unknown' ? wait(stop('system.silent', whyNot(copy, far))) : undefined;
}

function farCopyIsDoubtful({ copy, far }: DeletionView): Decision | undefined {
  if (far.is === 'proved' || far.is === 'unknown') return undefined;
  return wait(stop('copy.doubtful', whyNot(copy, far)));
}

function whyNot({ store, path }: FarCopy, far: Proof): string {
  return `${store}:${path} ${proofText(far)}; nothing is deleted`;
}

function deleteIt({ context, output, copy: { store, path } }: DeletionView): Decision {
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
