/** The answer to "why is this file not moving?" as people read it. */

import { datasetStop } from '../../reconcilers/decide/stops/dataset-stop.ts';
import { exported, isAtGoal, openInputs, outputsUnderWay } from '../../reconcilers/decide/wanted/goals.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import { agreeing, counted } from '../../reconcilers/model/counted.ts';
import type { OutputRow } from '../../reconcilers/model/rows.ts';
import type { StopCode } from '../../reconcilers/model/stops.ts';
import type { PhaseVerdict, Why } from '../explain-file.ts';
import { logLines } from './failed-log.ts';
import { shown } from './shown.ts';
import { localTime, span } from './time.ts';
import { wrapped } from './wrap.ts';

/** The lines about a file and, for an input, its outputs. */
export function whyLines(why: Why, context: PassContext, indent = ''): readonly string[] {
  const { dataset, subject } = why;
  const { kind, row } = subject;
  const inPhase = row.phase === null ? '' : ` in ${row.phase}`;
  const state = `${row.state}${row.state === 'error' ? inPhase : ''}`;
  const since = `since ${localTime(row.sinceMs)} (${span(context.now - row.sinceMs)})`;
  const head = `${shown(row.name)} (${kind} of ${dataset}): ${state} ${since}`;
  const below = `${indent}  `;
  return [
    wrapped(head, indent),
    ...(indent === '' ? foreignLines(why, context) : []).map((line) => wrapped(line, below)),
    ...sentences(why, context).map((line) => wrapped(line, below)),
    ...(why.log === null ? [] : logLines(why.log, below)),
    ...why.verdicts
      .flatMap((verdict) => verdictLines(verdict, why, context))
      .map((line) => wrapped(line, below)),
    ...why.outputs.flatMap((output) => whyLines(output, context, below)),
  ];
}

/** A place that is not ours stops all that is new, whether or not a phase of the file says so. */
function foreignLines({ verdicts }: Why, { totals: { foreign } }: PassContext): readonly string[] {
  if (foreign === null) return [];
  const isTold = verdicts.some(({ waits }) => waits.some(({ text }) => text === foreign.message));
  return isTold
    ? []
    : [`the dataset gets no new work since ${localTime(foreign.sinceMs)}: ${foreign.message}`];
}

function sentences(why: Why, context: PassContext): readonly string[] {
  const { subject, lastFailure } = why;
  const { row } = subject;
  const used = row.retriesUsed + row.siteRetries;
  const tries = `attempt ${row.attempt}, ${counted(used, 'retry')} used`;
  return [
    ...(row.attempt === 0 ? [] : [tries]),
    ...waived(why),
    ...trouble(why, context),
    ...(lastFailure === null || lastFailure.reason === row.reason ? [] : [lastTime(lastFailure)]),
    ...goal(why, context),
  ];
}

/** A person's word about its events, and what it means where the file stands. */
function waived({ waiver, subject: { row } }: Why): readonly string[] {
  if (waiver === null) return [];
  const { atMs, by, because, named, events } = waiver;
  const what = events === null ? 'its events, whose number nobody knows,' : counted(events, 'event');
  const holds =
    row.state === 'error' && row.retryAtMs === null ? 'it counts as settled' : 'it is being tried again';
  const until = 'until it is processed after all (`rereco resubmit`)';
  return [`waived at ${localTime(atMs)} by ${by} (${named}), ${what}: ${because}; ${holds} ${until}`];
}

/** Whether a stop says no more than the failure on record, whose reason is told with it. */
function isOfFailure(code: StopCode, { subject: { row } }: Why, { now }: PassContext): boolean {
  if (row.class === null) return false;
  if (row.retryAtMs === null) return code === 'failed.forGood' || code === 'waived';
  return code === 'retry.notDue' && row.retryAtMs > now;
}

function trouble(why: Why, context: PassContext): readonly string[] {
  const { row } = why.subject;
  if (row.class === null) return [];
  const stopped = datasetStop(context)?.text;
  const isTold = why.verdicts.some(({ waits }) => waits.some(({ code }) => isOfFailure(code, why, context)));
  return [
    `failed (${row.class}): ${row.reason ?? 'no reason on record'}`,
    ...(isTold ? [] : [nextTry(why, context)]),
    ...(stopped === undefined ? [] : [`the dataset gets no new work: ${stopped}`]),
  ];
}

/** Whether what failed is tried again by itself, and when. */
function nextTry({ waiver, subject: { row } }: Why, { now }: PassContext): string {
  if (row.retryAtMs === null) {
    const person = waiver === null ? ': a person must look (`rereco errors`, then `rereco clean`)' : '';
    return `it is not tried again by itself${person}`;
  }
  if (row.retryAtMs <= now) return 'its next try is due';
  return `it is tried again at ${localTime(row.retryAtMs)}, in ${span(row.retryAtMs - now)}`;
}

function lastTime(failure: NonNullable<Why['lastFailure']>): string {
  const where = failure.submission === null ? '' : ` (${failure.submission})`;
  const when = failure.closedMs === null ? '' : ` at ${localTime(failure.closedMs)}`;
  return `last failure: ${failure.phase} attempt ${failure.number}${where} ${failure.state}${when}: ${failure.reason ?? 'no reason on record'}`;
}

/** Why a file that has arrived goes no further, or when it will. */
function goal({ subject }: Why, context: PassContext): readonly string[] {
  const { state } = subject.row;
  if (state === 'lost') return ['its bytes are gone; it no longer counts'];
  if (subject.kind === 'output') return atGoal(subject.row, context) ? ['it is at its goal'] : [];
  if (state === 'copied') return ['it is at its goal'];
  if (state !== 'done') return [];
  if (exported(context).length === 0) return ['it is at its goal: the dataset exports nothing'];
  const open = openInputs(context.totals);
  const underWay = outputsUnderWay(context);
  return [
    `it becomes copied when every file of the dataset is done${butNot(open)} ` +
      `and every output is at its goal${butNot(underWay)}`,
  ];
}

function butNot(count: number): string {
  return count === 0 ? '' : ` (${count} ${agreeing(count, 'is', 'are')} not)`;
}

function atGoal(row: Pick<OutputRow, 'key' | 'state'>, context: PassContext): boolean {
  return isAtGoal(context, row.key, row.state);
}

/** What a phase would do, or waits for. */
function verdictLines(
  { phase, steps, moves, waits, unanswered }: PhaseVerdict,
  why: Why,
  context: PassContext,
): readonly string[] {
  return [
    ...[...unanswered].map(([system, said]) => `${phase}: no answer from ${system}: ${said}`),
    ...moves.map(({ of, from, to, because }) => {
      const what = of === 'job' ? 'its job' : 'it';
      return `${phase}: the next pass moves ${what} ${from} → ${to}: ${because}`;
    }),
    ...steps.map(({ kind, because }) => `${phase}: the next pass would ${kind}: ${because}`),
    ...waits.map(({ text, code, since }) => {
      const dated = since === null ? '' : `, since ${localTime(since)}`;
      const because = isOfFailure(code, why, context) ? nextTry(why, context) : text;
      return `${phase}: waits: ${because} (${code}${dated})`;
    }),
  ];
}
