import type { AttemptEnd, OutputRow } from '../../model/rows.ts';
import type { Draft } from '../change/draft.ts';

/** Why an output's accepted bytes are no more. */
export interface Loss {
  readonly fact: { readonly type: 'output.absent' | 'output.corrupt' };
  readonly reason: string;
}

/**
 * Lose an output here: its acceptance is deleted, and its input is processed again
 * where that was done under the same revision.
 *
 * @param end  how its live attempt to be sent on ended with it; null where it had none
 */
export function loseOutput(
  output: OutputRow,
  { fact, reason }: Loss,
  end: AttemptEnd | null,
  draft: Draft,
): void {
  draft.findOutput(output.id, {
    fact,
    because: reason,
    ...(end && { end: { phase: 'export', how: end } }),
  });
  if (draft.output(output.id).state !== 'lost') return;
  const input = draft.input(output.inputId);
  if (input.revision !== output.revision || (input.state !== 'done' && input.state !== 'copied')) return;
  draft.find(input.id, {
    fact,
    because: reason,
    failure: { class: 'transient', reason },
    patch: { revision: null, acceptedAttempt: null },
  });
}
