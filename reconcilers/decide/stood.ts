/** Where a dataset stands at one moment, for those who are told when that changes. */
import { type Millis, PHASES } from '../../machines/model.ts';
import type { PassContext } from '../model/context.ts';
import { firstStop, type Stop } from '../model/stops.ts';
import { type Rest, restOf } from './rest.ts';
import { datasetStop } from './stops/dataset-stop.ts';
import { failureHold, softwareHold } from './stops/gates.ts';

export interface Stood {
  readonly ms: Millis;
  readonly rest: Rest;
  /** What stops the whole dataset, also while work that was begun before goes on; null: nothing does. */
  readonly stop: Stop | null;
}

/** `stoodAt` says where the dataset of a context stands. */
export function stoodAt(context: Pick<PassContext, 'dataset' | 'totals' | 'now'>): Stood {
  const stops = [datasetStop(context), softwareHold(context), failureHold(context)];
  const stop = firstStop(stops.flatMap((one) => one ?? [])) ?? null;
  return { ms: context.now, rest: restOf(context, PHASES), stop };
}
