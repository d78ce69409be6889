/** Why a file that is done is not `copied` yet: that is said of all files of a dataset at once. */
import type { PassContext } from '../../model/context.ts';
import { agreeing, counted } from '../../model/counted.ts';
import type { InputRow } from '../../model/rows.ts';
import type { Decided, Decision } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import { exported, openInputs, outputsUnderWay } from '../wanted/goals.ts';
import { firstAnswer, type Rule, wait } from './rule.ts';

type Counted = Pick<PassContext, 'dataset' | 'totals'>;

/** A file that is done, in a dataset that exports something. */
export interface DoneView {
  readonly context: Counted;
}

/** In order: the other files, the outputs that are on their way, those that wait for a person. */
export const DONE_RULES: readonly Rule<DoneView>[] = [
  filesAreNotDone,
  outputsAreOnTheirWay,
  outputsHaveTrouble,
];

/** What a file that is done waits for; undefined where it is at its goal, or the next pass of export says that it is. */
export function decideDone(context: Counted, { name, state }: InputRow): Decided | undefined {
  if (state !== 'done' || exported(context).length === 0) return undefined;
  const answer = firstAnswer(DONE_RULES, { context });
  return answer && { name, ...answer };
}

/** Every file of the dataset is done and every output at its goal, with nothing wrong with it. */
export function everythingIsThere(context: Counted): boolean {
  return firstAnswer(DONE_RULES, { context }) === undefined;
}

function filesAreNotDone({ context: { totals } }: DoneView): Decision | undefined {
  const open = openInputs(totals);
  if (open === 0) return undefined;
  const files = `${counted(open, 'file')} of the dataset ${agreeing(open, 'is', 'are')} not done yet`;
  return wait(stop('dataset.notDone', `it becomes copied with all of the dataset: ${files}`));
}

function outputsAreOnTheirWay({ context }: DoneView): Decision | undefined {
  const open = outputsUnderWay(context);
  if (open === 0) return undefined;
  const outputs = `${counted(open, 'output')} ${agreeing(open, 'is', 'are')} not at their goal yet`;
  return wait(stop('outputs.notDone', `it becomes copied with all of the dataset: ${outputs}`));
}

function outputsHaveTrouble({ context: { totals } }: DoneView): Decision | undefined {
  const bad = totals.outputsStopped;
  if (bad === 0) return undefined;
  const outputs = `${counted(bad, 'output')} ${agreeing(bad, 'waits', 'wait')} for a person (\`rereco errors\`)`;
  return wait(stop('outputs.notDone', `it becomes copied with all of the dataset: ${outputs}`));
}
