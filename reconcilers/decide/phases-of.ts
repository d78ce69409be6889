/** Which phases have anything to say of a file, by where it stands. */
import type { FileState, OutputState, Phase } from '../../machines/model.ts';
import type { PassContext } from '../model/context.ts';
import type { Answers, Subject } from './answer.ts';
import { inputIsAtGoal, outputIsAtGoal } from './wanted/goals.ts';

/** The phases that move an input from each state; null: the one that it failed in. */
const OF_INPUT: Readonly<Record<FileState, readonly Phase[] | null>> = {
  pending: ['transfer'],
  transferred: ['verify'],
  verified: ['process'],
  running: ['process'],
  done: ['process', 'export'],
  copied: ['process', 'export'],
  error: null,
};

const SENT = ['publish', 'export'] as const;

/** The phases that move an output from each state. An accepted one is named finally with its input. */
const OF_OUTPUT: Readonly<Record<OutputState, readonly Phase[]>> = {
  accepted: ['process'],
  promoted: SENT,
  declared: SENT,
  located: SENT,
  copied: SENT,
  deleted: SENT,
  lost: [],
};

/** The phases that move a file from where it stands. */
export function phasesOf(subject: Subject): readonly Phase[] {
  if (subject.kind === 'output') return OF_OUTPUT[subject.row.state];
  const { state, phase } = subject.row;
  return OF_INPUT[state] ?? (phase === null ? [] : [phase]);
}

/** What a page is about on which a pass comes upon the file. */
export function subjectOfPage({ kind, row }: Subject): 'inputs' | 'outputs' {
  return kind === 'output' && row.state !== 'accepted' ? 'outputs' : 'inputs';
}

/** Whether a file has nothing left to do. */
export function subjectIsAtGoal(context: Pick<PassContext, 'dataset'>, subject: Subject): boolean {
  return subject.kind === 'input'
    ? inputIsAtGoal(context, subject.row)
    : outputIsAtGoal(context, subject.row);
}

/** What several phases say of one file. */
export function togetherOf(all: readonly Answers[]): Answers {
  return {
    steps: all.flatMap(({ steps }) => steps),
    waits: all.flatMap(({ waits }) => waits),
    moves: all.flatMap(({ moves }) => moves),
  };
}
