/** A pass as events: what changed or stood in the way, alike things together, for logs and for people. */

import { signature } from '../reconcilers/decide/judge/signature.ts';
import { kindOf } from '../reconcilers/decide/steps/kinds.ts';
import { counted } from '../reconcilers/model/counted.ts';
import { groupBy } from '../reconcilers/model/group-by.ts';
import type { Transition } from '../reconcilers/model/rows.ts';
import type { PassReport } from '../reconcilers/pass-report.ts';
import { shown } from './print/shown.ts';
import { bytes } from './print/table.ts';

export interface PassEvent {
  /** `warn`: unknown, refused or failed for good. `info`: something changed. */
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
    ...failedEvents(report),
    ...stepEvents(report),
    ...failureEvents(report),
  ];
}

/**
 * `movesTold` leaves out how jobs ended: the moves of their files tell it, and the two
 * together would be counted as twice as many.
 */
export function movesTold(moves: readonly Transition[]): readonly Transition[] {
  return moves.filter(({ subject, to }) => subject.kind === 'file' || to === 'running');
}

function moveEvents({ dataset, phase, moves }: PassReport): readonly PassEvent[] {
  const told = movesTold(moves);
  const groups = groupBy(told, ({ subject, from, to, fact }) => `${subject.kind} ${from} → ${to}, ${fact}`);
  return [...groups.values()].flatMap((alike): readonly PassEvent[] => {
    const [first] = alike;
    if (first === undefined) return [];
    const { subject, from, to, fact, because } = first;
    const text = `${counted(alike.length, subject.kind)} ${from} → ${to}, ${fact}${share(alike)}: ${because}`;
    const files = subject.kind === 'file' ? alike.length : 0;
    return [{ level: 'info', dataset, phase, kind: fact, files, bytes: 0, example: '', because, text }];
  });
}

/** How many of some moves the first one's reason is told for; empty where it is that of all. */
function share(moves: readonly Transition[]): string {
  const shapes = moves.map(({ because }) => signature(because));
  const alike = shapes.filter((shape) => shape === shapes[0]).length;
  const isFailure = moves.some(({ from, to }) => from === 'error' || to === 'error');
  return isFailure && alike < moves.length ? `, ${alike} of them` : '';
}

/** So many files that fail for good in one pass are named; the others are counted. */
const FAILED_NAMED = 20;

function failedEvents({ dataset, phase, failed }: PassReport): readonly PassEvent[] {
  const about = { level: 'warn', dataset, phase, kind: 'failed for good', bytes: 0 } as const;
  const named = failed.slice(0, FAILED_NAMED).map(({ name, class: failure, reason }): PassEvent => {
    const text = `${shown(name)} failed for good (${failure ?? 'unknown'}): ${reason}`;
    return { ...about, files: 1, example: name, because: reason, text };
  });
  const files = failed.length - named.length;
  const [first] = failed.slice(FAILED_NAMED);
  if (first === undefined) return named;
  const text = `${counted(files, 'more file')} failed for good, like ${shown(first.name)}: ${first.reason}`;
  return [...named, { ...about, files, example: first.name, because: first.reason, text }];
}

function stepEvents({ dataset, phase, steps }: PassReport): readonly PassEvent[] {
  const groups = groupBy(steps, (step) => step.kind);
  return [...groups].map(([kind, alike]) => {
    const names = alike.flatMap((step) => step.names);
    const size = alike.reduce((sum, step) => sum + step.bytes, 0);
    const [example = '', because = ''] = [names[0], alike[0]?.because];
    const more = names.length > 1 ? `, like ${shown(example)}` : ` ${shown(example)}`;
    const amount = size > 0 ? `, ${bytes(size)}` : '';
    const text = `${kind} ${counted(names.length, kindOf(kind).noun)}${amount}${more}: ${because}`;
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
