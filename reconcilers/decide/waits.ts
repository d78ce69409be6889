/** All files of a dataset that are not at their goal, grouped by the code of what they wait for. */
import type { Millis } from '../../machines/model.ts';
import { NAME_REFUSED, PLACE_TAKEN } from '../../machines/problems.ts';
import {
  firstStop,
  kindOf,
  type Stop,
  type StopCode,
  type StopTier,
  stop,
  tierRank,
} from '../model/stops.ts';
import { type Answers, firstOf, type Subject } from './answer.ts';
import { type Budget, SPENT } from './steps/budget.ts';
import type { BudgetName } from './steps/kind.ts';
import { kindOf as stepKindOf } from './steps/kinds.ts';

/** Files that the rules do not tell apart by what is on record: how many, and the first of them. */
export interface Alike {
  readonly subject: Subject;
  /** The name of the last of them, which waits where not all may go on. */
  readonly last: string;
  readonly files: number;
  /** Since when the one that has stood there for longest does. */
  readonly sinceMs: Millis;
  /** What the rules say of the first of them. */
  readonly answers: Answers;
  /** The open problem for whose end the first waits, and all the others for one of its kind; null: none. */
  readonly problem: { readonly kind: string; readonly message: string } | null;
  /** A system that they need and that did not answer when it was asked last; null: none is known. */
  readonly silent: Stop | null;
}

/** Files that wait for the same thing. */
export interface WaitGroup {
  readonly code: StopCode;
  readonly tier: StopTier;
  readonly endsBy: 'person' | 'time' | 'spec';
  /** Who must act; null: nobody. */
  readonly who: string | null;
  readonly inputs: number;
  readonly outputs: number;
  /** The name of one of them, and what is said of it. */
  readonly example: string;
  readonly text: string;
  /** Since when the one that has stood where it stands for longest does. */
  readonly sinceMs: Millis;
}

interface Told {
  readonly stop: Stop;
  readonly example: string;
  readonly files: number;
  readonly of: Alike;
}

/** What files wait for, the first tier first and the most files first. @param budget  what a pass may still begin */
export function waitGroups(
  alike: readonly Alike[],
  budget: Budget,
  filesPerJob: number,
): readonly WaitGroup[] {
  const left: Record<BudgetName, number> = { ...budget, jobs: budget.jobs * filesPerJob };
  const inOrder = alike.toSorted((a, b) => a.subject.row.id - b.subject.row.id);
  const told = inOrder.flatMap((one) => toldOf(one, left));
  const codes = [...new Set(told.map(({ stop: { code } }) => code))];
  const filesOf = ({ inputs, outputs }: WaitGroup) => inputs + outputs;
  return codes
    .map((code) =>
      groupOf(
        code,
        told.filter(({ stop: one }) => one.code === code),
      ),
    )
    .toSorted((a, b) => tierRank(a) - tierRank(b) || filesOf(b) - filesOf(a));
}

/** What alike files wait for; those that a pass would begin something for take from what is left. */
function toldOf(one: Alike, left: Record<BudgetName, number>): readonly Told[] {
  const { answers, files, problem } = one;
  const example = one.subject.row.name;
  // Nobody was asked: that a system is silent is only presumed.
  const waits = answers.waits.filter(({ code }) => code !== 'system.silent');
  const first = firstOf({ ...answers, waits });
  const known = firstStop([...problemStops(problem), ...(first?.is === 'wait' ? [first] : [])]);
  if (known !== undefined) {
    return [{ stop: { ...known, text: IN_MOTION[known.code] ?? known.text }, example, files, of: one }];
  }
  if (one.silent !== null) return [{ stop: one.silent, example, files, of: one }];
  if (first?.is !== 'step') return [{ stop: UNSEEN, example, files, of: one }];
  const begun = stop('not.looked', `the next pass looks, and would ${first.kind} it: ${first.because}`);
  const used = stepKindOf(first.kind).budget;
  if (used !== 'jobs' && used !== 'transfers') return [{ stop: begun, example, files, of: one }];
  const some = Math.min(files, Math.max(0, left[used]));
  left[used] -= some;
  return [
    { stop: begun, example, files: some, of: one },
    { stop: SPENT[used], example: one.last, files: files - some, of: one },
  ].filter((each) => each.files > 0);
}

/** Nobody was asked how far what is in motion has come. */
const IN_MOTION: Readonly<Partial<Record<StopCode, string>>> = {
  'job.underWay': 'a job has it, which is queued or runs',
  'transfer.underWay': 'a transfer has it, which is queued or runs',
};

const UNSEEN = stop('not.looked', 'the next pass looks at it');

const PROBLEM_CODES: Readonly<Record<string, StopCode>> = {
  [PLACE_TAKEN]: 'place.taken',
  [NAME_REFUSED]: 'name.refused',
};

function problemStops(problem: Alike['problem']): readonly Stop[] {
  const code = problem === null ? undefined : PROBLEM_CODES[problem.kind];
  return problem === null || code === undefined ? [] : [stop(code, problem.message)];
}

function groupOf(code: StopCode, told: readonly Told[]): WaitGroup {
  const count = (kind: Subject['kind']) =>
    told.filter(({ of }) => of.subject.kind === kind).reduce((sum, { files }) => sum + files, 0);
  const most = told.reduce((one, other) => (other.files > one.files ? other : one));
  const { tier, endsBy, who } = kindOf({ code });
  return {
    ...{ code, tier, endsBy, who },
    inputs: count('input'),
    outputs: count('output'),
    example: most.example,
    text: most.stop.text,
    sinceMs: Math.min(...told.map(({ of }) => of.sinceMs)),
  };
}
