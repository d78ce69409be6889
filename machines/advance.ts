import { transition } from 'xstate';
import { type FileContext, fileMachine } from './file.ts';
import { jobMachine } from './job.ts';
import type { FileFact, FileState, JobFact, JobState, OutputFact, OutputState } from './model.ts';
import { outputMachine } from './output.ts';

/** Where a file stands: its state, and what its guards read. */
export interface Position {
  readonly state: FileState;
  readonly phase: FileContext['phase'];
  readonly fault: FileContext['fault'];
}

/**
 * Where a fact takes every file that stands at one position.
 *
 * Pure. Callers group their rows by (position, fact) and call this once a group.
 *
 * @returns the next position; the very same object when the state has no use
 *   for the fact, so that `next === at` means "nothing to write"
 */
export function advance(at: Position, fact: FileFact): Position {
  const before = fileMachine.resolveState({
    value: at.state,
    context: { phase: at.phase, fault: at.fault },
  });
  if (!before.can(fact)) return at;

  const [after] = transition(fileMachine, before, fact);
  const next = { state: after.value, phase: after.context.phase, fault: after.context.fault };
  return isSame(at, next) ? at : next;
}

/** Where a fact takes an output; the same state when it has no use for the fact. */
export function advanceOutput(at: OutputState, fact: OutputFact): OutputState {
  const before = outputMachine.resolveState({ value: at, context: {} });
  return before.can(fact) ? transition(outputMachine, before, fact)[0].value : at;
}

/** Where a fact takes a job; the same state when it has no use for the fact. */
export function advanceJob(at: JobState, fact: JobFact): JobState {
  const before = jobMachine.resolveState({ value: at, context: {} });
  return before.can(fact) ? transition(jobMachine, before, fact)[0].value : at;
}

/**
 * The same as `advance`, remembering what it answered: a page of thousands of
 * files stands at a handful of positions.
 */
export function advancer(): (at: Position, fact: FileFact) => Position {
  const answers = new Map<string, Position | 'stays'>();
  return (at, fact) => {
    const key = JSON.stringify([at.state, at.phase, at.fault, fact]);
    const known = answers.get(key);
    if (known !== undefined) return known === 'stays' ? at : known;

    const next = advance(at, fact);
    answers.set(key, next === at ? 'stays' : next);
    return next;
  };
}

function isSame(a: Position, b: Position): boolean {
  return a.state === b.state && a.phase === b.phase && a.fault === b.fault;
}
