/** Outputs whose accepted bytes are no more, and what that means for their inputs. */
import { advanceOutput } from '../../../machines/advance.ts';
import type { FileId } from '../../../machines/model.ts';
import { type Finding, onInput, onOutput } from '../../model/findings.ts';
import type { AttemptEnd, InputRow, OutputRow } from '../../model/rows.ts';
import { type Proof, proofText } from '../judge/proof.ts';

/** An output whose accepted bytes are no more. */
export interface LostOutput {
  readonly output: OutputRow;
  readonly input: InputRow;
  readonly fact: { readonly type: 'output.absent' | 'output.corrupt' };
  readonly reason: string;
  /** How its live attempt to be sent on ended with it; null where it had none. */
  readonly end: AttemptEnd | null;
}

/** What a place that does not hold the accepted bytes of an output says of it. */
export function lossBy(
  { store, path }: OutputRow,
  proof: Extract<Proof, { readonly is: 'gone' | 'differs' }>,
): Pick<LostOutput, 'fact' | 'reason'> {
  const type = proof.is === 'gone' ? 'output.absent' : 'output.corrupt';
  return { fact: { type }, reason: `output ${store}:${path} ${proofText(proof)}` };
}

/**
 * Lose outputs here: their acceptance is deleted, and an input that was done under their revision
 * is processed again, once, however many of its outputs are lost.
 */
export function loseOutputs(lost: readonly LostOutput[]): readonly Finding[] {
  const again = new Set<FileId>();
  return lost.flatMap((one): readonly Finding[] => {
    const found = outputLost(one);
    if (again.has(one.input.id) || !processedAgain(one)) return [found];
    again.add(one.input.id);
    return [found, inputAgain(one)];
  });
}

function outputLost({ output, fact, reason, end }: LostOutput): Finding {
  const ended = end === null ? {} : { end: { phase: 'export', how: end } as const };
  return onOutput(output.id, { fact, because: reason, ...ended });
}

/** Whether the input was done by this very output, which is lost now: of another revision it is not missed. */
function processedAgain({ output, input, fact }: LostOutput): boolean {
  if (advanceOutput(output.state, fact) !== 'lost' || input.revision !== output.revision) return false;
  return input.state === 'done' || input.state === 'copied';
}

function inputAgain({ input, fact, reason }: LostOutput): Finding {
  return onInput(input.id, {
    fact,
    because: reason,
    failure: { class: 'transient', reason },
    patch: { revision: null, acceptedAttempt: null, waiverId: null },
  });
}
