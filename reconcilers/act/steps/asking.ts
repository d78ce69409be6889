/** Asking for steps, and not asking again where the first was told that none are taken. */
import { kindOf } from '../../decide/steps/kinds.ts';
import { InternalError } from '../../model/internal-error.ts';
import type { ReadyStep, StepKind, StepOutcome, TakenStep } from '../../model/steps.ts';
import { DriverError, type DriverErrorCode } from '../../ports/errors.ts';
import type { Outcome } from '../../ports/seen.ts';

type Failed = Extract<Outcome, { readonly ok: false }>;

/** Full, or closed to us: every other order would be answered so. What is wrong with one order is its own. */
const OF_ALL: ReadonlySet<DriverErrorCode> = new Set(['refused', 'forbidden']);

/** What is wrong with one of several things that were asked for together. */
const OF_ONE: ReadonlySet<DriverErrorCode> = new Set(['rejected', 'conflict', 'absent']);

/** `askingOf` asks for the steps of one kind in a page. */
export function askingOf<K extends StepKind>(kind: K, signal: AbortSignal) {
  const closed = new Map<string, Failed>();
  const { refusedWith } = kindOf(kind);

  const noOf = (step: ReadyStep<K>): Failed | undefined => closed.get(refusedWith(step) ?? '');
  const taken = (step: ReadyStep<K>, outcome: StepOutcome<K>): TakenStep<K> => {
    const name = refusedWith(step);
    if (name !== null && !outcome.ok && OF_ALL.has(outcome.code)) closed.set(name, outcome);
    return { step, outcome };
  };

  const askAll = async (
    steps: readonly ReadyStep<K>[],
    call: (steps: readonly ReadyStep<K>[]) => Promise<readonly StepOutcome<K>[]>,
  ): Promise<readonly TakenStep<K>[]> => {
    signal.throwIfAborted();
    const refused = steps.flatMap((step) => {
      const no = noOf(step);
      return no === undefined ? [] : [taken(step, no)];
    });
    const open = steps.filter((step) => noOf(step) === undefined);
    if (open.length === 0) return refused;
    try {
      const outcomes = await call(open);
      return [...refused, ...open.map((step, index) => taken(step, outcomeAt(outcomes, index)))];
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DriverError)) throw error;
      const { code, message } = error;
      if (open.length === 1 || !OF_ONE.has(code)) {
        return [...refused, ...open.map((step) => taken(step, { ok: false, code, message }))];
      }
      const answers: TakenStep<K>[] = [...refused];
      for (const step of open) answers.push(...(await askAll([step], call)));
      return answers;
    }
  };
  return askAll;
}

function outcomeAt<K extends StepKind>(outcomes: readonly StepOutcome<K>[], index: number): StepOutcome<K> {
  const outcome = outcomes[index];
  if (outcome === undefined) throw new InternalError(`step ${index} of a call has no outcome`);
  return outcome;
}
