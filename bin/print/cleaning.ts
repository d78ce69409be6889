import type { Phase } from '../../machines/model.ts';
import type { Cleaned } from '../../reconcilers/act/clean.ts';
import type { ClosedGate } from '../../reconcilers/act/open-gates.ts';
import type { RoundResult } from '../../reconcilers/daemon/rounds.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import type { LeaseTaken } from '../../reconcilers/model/records.ts';
import type { DatasetRow, InputRow, OutputRow } from '../../reconcilers/model/rows.ts';
import type { PassReport } from '../../reconcilers/pass-report.ts';
import { type PrintData, print } from '../command.ts';
import { type Column, inColumns } from './columns.ts';
import { passLines } from './report.ts';
import { roundData } from './round-data.ts';
import { oneLine, shown } from './shown.ts';
import { lineWidth } from './table.ts';
import { hanging, wrapped } from './wrap.ts';

/** How what goes on is told: line by line to people, as one document to programs. */
export interface CleaningTold {
  /** Where a question is asked, so that it is not mixed with the document. */
  readonly terminal: NodeJS.WriteStream;
  selected(dataset: DatasetRow, inputs: readonly InputRow[], outputs: readonly OutputRow[]): void;
  /** Phases whose system took no new work. */
  closed(dataset: DatasetRow, gates: readonly ClosedGate[]): void;
  /** Those that it is asked for again at once. */
  opened(dataset: DatasetRow, gates: readonly ClosedGate[]): void;
  /** Its spec has changed since it was applied, and is applied first. */
  changed(dataset: DatasetRow): void;
  /** A new generation of it is in force. */
  applied(dataset: DatasetRow): void;
  /** Nothing was selected. */
  nothing(): void;
  cleaned(dataset: DatasetRow, phase: Phase, done: Cleaned | LeaseTaken): void;
  pass(report: PassReport): void;
  round(result: RoundResult): void;
  /** There is nothing more to tell, whatever happened. */
  end(): void;
}

/** How many files a person is shown. */
const SHOWN = 20;

const SELECTED: readonly Column[] = [
  { head: 'file', shorten: 'middle', least: 20, share: 2 },
  { head: 'state' },
  { head: 'reason', shorten: 'end', least: 10 },
];

/** Line by line, as it goes on. */
export function forPeople(): CleaningTold {
  return {
    terminal: process.stdout,
    selected(_dataset, inputs, outputs) {
      const rows = [...inputs, ...outputs];
      const some = rows.slice(0, SHOWN).map((row) => [shown(row.name), row.state, oneLine(row.reason ?? '')]);
      if (rows.length > 0) print(inColumns(SELECTED, some, lineWidth()));
      if (rows.length > SHOWN) print(`… and ${rows.length - SHOWN} more`);
    },
    closed(dataset, gates) {
      for (const { phase, gate } of gates) print(`${dataset.name} ${phase}: ${gate.message}`);
    },
    opened(dataset, gates) {
      for (const { phase } of gates) print(`${dataset.name} ${phase}: new work is handed in again`);
    },
    changed({ name, generation, loaded }) {
      const since = `has changed since generation ${generation} (${loaded.origin.file})`;
      print(`${name}: its spec ${since}: it is applied first`);
    },
    applied({ name, generation }) {
      print(`${name}: its spec is applied: generation ${generation} is in force`);
    },
    nothing: () => print('nothing to clean: no such file is in error or running'),
    cleaned(dataset, phase, done) {
      const head = `${dataset.name} ${phase}:`;
      if ('takenBy' in done) print(`${head} in the hands of ${done.takenBy}; try again in a moment`);
      else {
        const ended = counted(done.cancelled.length, 'submission');
        print(
          hanging(
            `${head} ${counted(done.files, 'file')} cleaned, ${ended} ended, ${done.quarantined} put away`,
            lineWidth(),
          ),
        );
        for (const { name, because } of done.told ?? []) print(wrapped(`${shown(name)}: ${because}`, '  '));
      }
    },
    pass(report) {
      for (const line of passLines(report)) print(line);
    },
    round: () => undefined,
    end: () => undefined,
  };
}

/** One document at the end: what was selected, what was done, and the round after it. */
export function forPrograms(printData: PrintData): CleaningTold {
  const selected: unknown[] = [];
  const done: unknown[] = [];
  const applied: unknown[] = [];
  let round: unknown = null;
  let isSelected = false;
  const about = (dataset: DatasetRow, kind: string, row: InputRow | OutputRow) => {
    const { name, state, phase, class: cls, reason } = row;
    return { dataset: dataset.name, kind, name, state, phase, class: cls, reason };
  };
  return {
    terminal: process.stderr,
    selected(dataset, inputs, outputs) {
      isSelected = true;
      for (const row of inputs) selected.push(about(dataset, 'input', row));
      for (const row of outputs) selected.push(about(dataset, 'output', row));
    },
    closed(dataset, gates) {
      isSelected = true;
      selected.push(...gates.map((one) => ({ dataset: dataset.name, kind: 'gate', ...one })));
    },
    opened: (dataset, gates) =>
      void done.push(...gates.map(({ phase }) => ({ dataset: dataset.name, phase, opened: true }))),
    changed: () => undefined,
    applied: ({ name, generation }) => void applied.push({ dataset: name, generation }),
    nothing: () => undefined,
    cleaned: (dataset, phase, what) => void done.push({ dataset: dataset.name, phase, ...what }),
    pass: () => undefined,
    round(result) {
      round = roundData(result);
    },
    end() {
      // Also after an error: what was done until then is done.
      if (isSelected) printData({ selected, ...(applied.length > 0 ? { applied } : {}), done, round });
    },
  };
}
