import type { PassContext } from '../model/context.ts';
import { agreeing, counted } from '../model/counted.ts';

/** What is said of files that are done under an older revision and stay so; null where there are none. */
export function olderText({ dataset, totals }: Pick<PassContext, 'dataset' | 'totals'>): string | null {
  const { outdated } = totals;
  if (outdated === 0 || dataset.loaded.spec.onChange !== 'keep') return null;
  const done = agreeing(
    outdated,
    'is done under an older revision and stays',
    'are done under an older revision and stay',
  );
  return `${counted(outdated, 'file')} ${done} so (onChange: keep)`;
}
