/** A pass as events: what changed or stood in the way, alike things together, for logs and for people. */

import { counted } from '../reconcilers/model/counted.ts';
import { groupBy } from '../reconcilers/model/group-by.ts';
import type { PassReport } from '../reconcilers/pass-report.ts';
import { shown } from './print/shown.ts';
import { bytes } from './print/table.ts';

export interface PassEvent {
  /** `warn`: unknown or refused. `info`: something changed. */
  readonly level: 'info' | 'warn';
  readonly dataset: string;
  readonly phase: string;
  /** The fact or the step's kind; `unanswered` and `skipped` for what stood in the way. */
  readonly kind: string;
  readonly files: number;
  readonly bytes: number;
  /** One of the names it is about; empty where it is about none. */
  readonly example: string;
  readonly because: string;
  /** The event in one line, without dataset and phase. */
  readonly text: string;
}

/** The events of a pass in the order they happened; none of a quiet one. */
export function passEvents(report: PassReport): readonly PassEvent[] {
  const { dataset, phase } = report;
  const about = { dataset, phase, bytes: 0, files: 0, example: '' };
  const skipped = report.skipped === null ? [] : [report.skipped];
  return [
    ...skipped.map((why) => ({
      ...about,
      level: 'info' as const,
      kind: 'skipped',
      because: why,
      text: `skipped, ${why}`,
    })),
    ...[...report.unanswered].map(([system, why]) => ({
      ...about,
      level: 'warn' as const,
      kind: 'unanswered',
      example: system,
      because: why,
      text: `no answer from ${system}: ${why}`,
    })),
    ...moveEvents(report),
    ...stepEvents(report),
    ...failureEvents(report),
  ];
}

function moveEvents({ dataset, phase, moves }: PassReport): readonly PassEvent[] {
  const groups = groupBy(moves, (move) => `${move.from} → ${move.to}, ${move.fact}`);
  return [...groups].map(([what, alike]) => {
    const because = alike[0]?.because ?? '';
    return {
      level: 'info',
      dataset,
      phase,
      kind: alike[0]?.fact ?? '',
      files: alike.length,
      bytes: 0,
      example: '',
      because,
      text: `${alike.length} ${what}: ${because}`,
    };
  });
}

function stepEvents({ dataset, phase, steps }: PassReport): readonly PassEvent[] {
  const groups = groupBy(steps, (step) => step.kind);
  return [...groups].map(([kind, alike]) => {
    const names = alike.flatMap((step) => step.names);
    const size = alike.reduce((sum, step) => sum + step.bytes, 0);
    const [example = '', because = ''] = [names[0], alike[0]?.because];
    const more = names.length > 1 ? `, like ${shown(example)}` : ` ${shown(example)}`;
    const amount = size > 0 ? `, ${bytes(size)}` : '';
    const text = `${kind} ${counted(names.length, 'file')}${amount}${more}: ${because}`;
    return { level: 'info', dataset, phase, kind, files: names.length, bytes: size, example, because, text };
  });
}

function failureEvents({ dataset, phase, failures }: PassReport): readonly PassEvent[] {
  return failures.flatMap(({ step, outcome }): readonly PassEvent[] => {
    if (outcome.ok) return [];
    const text = `${step.kind} failed (${outcome.code}): ${outcome.message}`;
    const { names } = step;
    const about = { dataset, phase, files: names.length, bytes: step.bytes, example: names[0] ?? '' };
    return [{ level: 'warn', ...about, kind: `${step.kind} failed`, because: outcome.message, text }];
  });
}
