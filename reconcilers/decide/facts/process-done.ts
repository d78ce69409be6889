/** Looking again at what is done: do its outputs still lie there, does the spec still ask for the same? */
import type { PassContext } from '../../model/context.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';
import { look, type World } from '../../model/world.ts';
import type { Draft } from '../change/draft.ts';
import { proofText, prove } from '../judge/proof.ts';
import { type Loss, loseOutput } from './lose-output.ts';

/** States in which an output's bytes are to lie under its final name here. */
export const KEPT_HERE: readonly OutputRow['state'][] = ['promoted', 'declared', 'located'];

/** Move a finished file back where its outputs are gone or the spec asks for others. */
export function lookAtDone(
  context: PassContext,
  its: readonly OutputRow[],
  input: InputRow,
  seen: World,
  draft: Draft,
): void {
  const { spec, revision } = context.dataset.loaded;
  if (spec.onChange === 'reprocess' && input.revision !== revision && input.retiredMs === null) {
    draft.find(input.id, {
      fact: { type: 'processing.outdated', rawCopy: input.copyPath === null ? 'gone' : 'present' },
      because: `done under revision ${input.revision}, the spec asks for ${revision} (onChange: reprocess)`,
      patch: { revision: null, acceptedAttempt: null },
    });
    return;
  }
  for (const output of its) {
    const loss = output.revision === input.revision ? lossOf(context, output, seen) : undefined;
    if (loss !== undefined) loseOutput(output, loss, null, draft);
  }
}

/**
 * Whether the process phase looks after the copy of an output here.
 *
 * One that was deleted here by plan is never asked about; of one that was exported
 * both copies are looked at together, by the export phase.
 */
export function isKeptHere({ dataset }: Pick<PassContext, 'dataset'>, { key, state }: OutputRow): boolean {
  if (KEPT_HERE.includes(state)) return true;
  const wanted = dataset.loaded.spec.outputs.find((one) => one.key === key);
  return state === 'copied' && wanted?.export == null;
}

function lossOf(context: PassContext, output: OutputRow, seen: World): Loss | undefined {
  if (!isKeptHere(context, output)) return undefined;
  const proof = prove(look(seen.stats.get(output.store), output.path, output.actedMs), output, 'size');
  const reason = `output ${output.store}:${output.path} ${proofText(proof)}`;
  if (proof.is === 'gone') return { fact: { type: 'output.absent' }, reason };
  return proof.is === 'differs' ? { fact: { type: 'output.corrupt' }, reason } : undefined;
}
