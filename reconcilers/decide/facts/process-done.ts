/** Looking again at what is done: do its outputs still lie there, does the spec still ask for the same? */
import type { PassContext } from '../../model/context.ts';
import { type Finding, onInput } from '../../model/findings.ts';
import type { OutputRow } from '../../model/rows.ts';
import { look } from '../../model/world.ts';
import { isBad, prove } from '../judge/proof.ts';
import { type LostOutput, loseOutputs, lossBy } from './lose-output.ts';
import type { ProcessView } from './process-view.ts';

/** States in which an output's bytes are to lie under its final name here. */
export const KEPT_HERE: readonly OutputRow['state'][] = ['promoted', 'declared', 'located'];

/** The spec asks for other results than those that a file is done with. */
export function processingOutdated({ context, input }: ProcessView): readonly Finding[] {
  const { spec, revision } = context.dataset.loaded;
  if (spec.onChange !== 'reprocess' || input.revision === revision || input.retiredMs !== null) return [];
  const because = `done under revision ${input.revision}, the spec asks for ${revision} (onChange: reprocess)`;
  const rawCopy = input.copyPath === null ? 'gone' : 'present';
  const patch = { revision: null, acceptedAttempt: null, waiverId: null };
  return [onInput(input.id, { fact: { type: 'processing.outdated', rawCopy }, because, patch })];
}

/** Outputs of a finished file no longer lie here as they were accepted. */
export function outputsLost(view: ProcessView): readonly Finding[] {
  const counting = view.outputs.filter(({ revision }) => revision === view.input.revision);
  return loseOutputs(counting.flatMap((output) => lossOf(view, output) ?? []));
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

function lossOf({ context, input, seen }: ProcessView, output: OutputRow): LostOutput | undefined {
  if (!isKeptHere(context, output)) return undefined;
  const proof = prove(look(seen.stats.get(output.store), output.path, output.actedMs), output, 'size');
  return isBad(proof) ? { output, input, ...lossBy(output, proof), end: null } : undefined;
}
