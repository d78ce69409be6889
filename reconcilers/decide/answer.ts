/** What happens next to one file, by the rules that decide: a step, a wait, or a move that a pass writes. */
import type { Phase } from '../../machines/model.ts';
import type { InputRow, OutputRow, Transition } from '../model/rows.ts';
import type { Decided, Decision, StepKind } from '../model/steps.ts';
import { firstStop, kindOf, type Stop } from '../model/stops.ts';
import type { Considered } from './consider.ts';

/** A file to ask about. */
export type Subject =
  | { readonly kind: 'input'; readonly row: InputRow }
  | { readonly kind: 'output'; readonly row: OutputRow; readonly input: InputRow };

/** A stop as it is told: with the rule that named it, what ends it, and who must act; null: nobody. */
export type Waiting = Stop & {
  readonly phase: Phase;
  readonly rule: string;
  readonly endsBy: 'person' | 'time' | 'spec';
  readonly who: string | null;
};

/** A step that a pass would take now. */
export interface NextStep {
  readonly phase: Phase;
  readonly rule: string;
  readonly kind: StepKind;
  readonly because: string;
}

/** A move that a pass would write now. */
export interface NextMove {
  readonly phase: Phase;
  readonly of: 'file' | 'job';
  readonly from: string;
  readonly to: string;
  readonly because: string;
}

/** What the rules of the phases say of one file. */
export interface Answers {
  readonly steps: readonly NextStep[];
  readonly waits: readonly Waiting[];
  readonly moves: readonly NextMove[];
}

/** The one answer that counts. */
export type First =
  | ({ readonly is: 'step' } & NextStep)
  | ({ readonly is: 'wait' } & Waiting)
  | ({ readonly is: 'move' } & NextMove);

/** What a phase says of a file. @param considered  a page with only this file, and its input or its outputs */
export function answersOf(
  phase: Phase,
  subject: Subject,
  { decided, moves }: Pick<Considered, 'decided' | 'moves'>,
): Answers {
  const about = decided.filter((one) => isAbout(one, subject));
  return {
    steps: about.flatMap(({ rule, decision }) => stepOf(phase, rule, decision)),
    waits: about.flatMap(({ rule, decision }) =>
      decision.do === 'wait' ? [waiting(phase, rule, decision.stop)] : [],
    ),
    moves: moves.filter((move) => concerns(move, subject)).map((move) => moveOf(phase, move)),
  };
}

/** A stop as it is told. */
export function waiting(phase: Phase, rule: string, stop: Stop): Waiting {
  const { endsBy, who } = kindOf(stop);
  return { ...stop, phase, rule, endsBy, who };
}

/** Where several phases speak of a file: a step is taken whatever else waits; of waits the first tier is named. */
export function firstOf({ steps, waits, moves }: Answers): First | undefined {
  const [step] = steps;
  if (step !== undefined) return { is: 'step', ...step };
  const stop = firstStop(waits);
  if (stop !== undefined) return { is: 'wait', ...stop };
  const move = moves.find(({ of }) => of === 'file') ?? moves[0];
  return move && { is: 'move', ...move };
}

/** An accepted output is decided about with its input: what is said of the input alone concerns it, too. */
function isAbout({ name, decision }: Decided, subject: Subject): boolean {
  if (name === subject.row.name) return true;
  if (subject.kind === 'input' || name !== subject.input.name) return false;
  return decision.do !== 'step' || decision.step.names.includes(subject.row.name);
}

function concerns({ subject: moved }: Transition, { row }: Subject): boolean {
  return moved.kind === 'job' || moved.id === row.id;
}

function stepOf(phase: Phase, rule: string, decision: Decision): readonly NextStep[] {
  if (decision.do === 'wait') return [];
  if (decision.do !== 'step') return [{ phase, rule, kind: decision.do, because: decision.because }];
  const { kind, because } = decision.step;
  return [{ phase, rule, kind, because }];
}

function moveOf(phase: Phase, { subject: { kind }, from, to, because }: Transition): NextMove {
  return { phase, of: kind, from, to, because };
}
