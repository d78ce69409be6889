import type { PassContext } from '../../model/context.ts';
import { datasetStop } from '../stops/dataset-stop.ts';
import { type Rule, wait } from './rule.ts';

/** Nothing new is begun for a dataset that is stopped. */
export const datasetIsStopped: Rule<{ readonly context: PassContext }> = ({ context }) =>
  wait(datasetStop(context));
