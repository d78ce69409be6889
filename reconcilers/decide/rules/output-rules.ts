/** Rules that publish and export share: what stops any output, whatever is to be done about it. */
import type { PassContext } from '../../model/context.ts';
import { agreeing, counted } from '../../model/counted.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';
import type { Decision } from '../../model/steps.ts';
import { type Stop, stop } from '../../model/stops.ts';
import { errorStop } from '../stops/error-stop.ts';
import { openInputs } from '../wanted/goals.ts';
import { wait } from './rule.ts';

/** What every rule about an output may know. Its rows are as the findings of the pass have left them. */
export interface OutputView {
  readonly context: PassContext;
  readonly input: InputRow;
  readonly output: OutputRow;
}

/** An output that failed, and that nothing but a person's word moves again, waits for it. */
export function failedForGood(view: OutputView): Decision | undefined {
  const stopped = failureStop(view);
  return stopped?.code === 'failed.forGood' ? wait(stopped) : undefined;
}

/** An output counts only once its input is done: until then another attempt may take its place. */
export function fileIsNotDone({ input }: OutputView): Decision | undefined {
  if (input.state === 'done' || input.state === 'copied') return undefined;
  return wait(stop('file.notDone', `${input.name} is not done yet`));
}

/** An output that failed is tried again when its time has come. */
export function retryIsNotDue(view: OutputView): Decision | undefined {
  return wait(failureStop(view));
}

function failureStop({ context, output }: OutputView): Stop | undefined {
  return output.class === null ? undefined : errorStop(output, context.now);
}

/** A wait for every file of the dataset. @param asked  the words of the spec that ask for it */
export function untilDatasetIsDone({ context }: OutputView, asked: string): Decision | undefined {
  const open = openInputs(context.totals);
  if (open === 0) return undefined;
  const files = `${counted(open, 'file')} of the dataset ${agreeing(open, 'is', 'are')} not done yet`;
  return wait(stop('dataset.notDone', `${files} (${asked})`));
}
