/** Where datasets stand, as people read it: a table of counts, and a sentence for each. */
import { FILE_STATES, type FileState, PHASES } from '../../machines/model.ts';
import { restOf } from '../../reconcilers/decide/rest.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import type { Totals } from '../../reconcilers/model/totals.ts';
import { type Column, inColumns } from './columns.ts';
import { hanging } from './wrap.ts';

/** A dataset with all its counts. */
export interface Standing {
  readonly dataset: DatasetRow;
  readonly totals: Totals;
  /** Running files whose job is still queued. */
  readonly queued: number;
  readonly now: number;
}

const COLUMNS: readonly Column[] = [
  { head: 'dataset', shorten: 'middle', least: 8 },
  ...['files', ...FILE_STATES.flatMap((state) => (state === 'running' ? ['queued', state] : [state]))].map(
    (head) => ({ head, align: 'right' as const }),
  ),
];

/** `standingText` shows where datasets stand. @param width  of the terminal; Infinity: names as long as they are */
export function standingText(states: readonly Standing[], width: number): string {
  if (states.length === 0) return 'no dataset yet: write a spec, then `rereco reconcile`';
  const sentences = states.map((one) => {
    const rest = restOf(one, PHASES);
    return hanging(`${one.dataset.name}: ${rest.is === 'settled' ? settledText(one) : rest.because}`, width);
  });
  return `${inColumns(COLUMNS, states.map(countsOf), width)}\n\n${sentences.join('\n')}`;
}

function settledText({ dataset, totals: { waived } }: Standing): string {
  const signed =
    waived === 0 ? '' : ` or waived (${counted(waived, 'file')}, \`rereco ledger ${dataset.name}\`)`;
  return `settled: every file is at its goal${signed}`;
}

/** The counts of a dataset's files, which sum to all of them: those that run are told from those that are queued. */
function countsOf({ dataset, totals: { inputs }, queued }: Standing): readonly string[] {
  const sum = FILE_STATES.reduce((total, state) => total + inputs[state], 0);
  const counts = FILE_STATES.flatMap((state: FileState) =>
    state === 'running' ? [queued, inputs.running - queued] : [inputs[state]],
  );
  return [dataset.name, String(sum), ...counts.map((count) => (count === 0 ? '.' : String(count)))];
}
