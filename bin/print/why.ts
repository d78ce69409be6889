/** The answer to "why is this file not moving?" as people read it. */

import type { Waiting } from '../../reconcilers/decide/answer.ts';
import { datasetStop } from '../../reconcilers/decide/stops/dataset-stop.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import { kindOf, type StopCode } from '../../reconcilers/model/stops.ts';
import type { PhaseVerdict, Why } from '../why-file.ts';
import { logLines } from './failed-log.ts';
import { shown } from './shown.ts';
import { stopText } from './stop-text.ts';
import { localTime, span } from './time.ts';
import { wrapped } from './wrap.ts';

/** The lines about a file and, for an input, its outputs. */
export function whyLines(why: Why, context: PassContext, indent = ''): readonly string[] {
  const { dataset, subject } = why;
  const { kind, row } = subject;
  const inPhase = row.phase === null ? '' : ` in ${row.phase}`;
  const state = isSuperseded(subject) ? 'superseded' : `${row.state}${row.state === 'error' ? inPhase : ''}`;
  const since = `since ${localTime(row.sinceMs)} (${span(context.now - row.sinceMs)})`;
  const head = `${shown(row.name)} (${kind} of ${dataset}): ${state} ${since}`;
  const below = `${indent}  `;
  return [
    wrapped(head, indent),
    ...(indent === '' ? datasetLines(why, context) : []).map((line) => wrapped(line, below)),
    ...sentences(why, context).map((line) => wrapped(line, below)),
    ...(why.log === null ? [] : logLines(why.log, below)),
    ...answered(why, context).map((line) => wrapped(line, below)),
    ...why.outputs.flatMap((output) => whyLines(output, context, below)),
  ];
}

/** What stops all that is new of its dataset, where no phase of the file says so. */
function datasetLines({ verdicts }: Why, context: PassContext): readonly string[] {
  const stopped = datasetStop(context);
  if (stopped === undefined) return [];
  const isTold = verdicts.some(({ waits }) => waits.some(({ code }) => code === stopped.code));
  return isTold
    ? []
    : [`the dataset gets no new work: ${stopText({ ...stopped, ...kindOf(stopped) }, context)}`];
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
    ...goal(why),
  ];
}

/** A person's word about its events, and what it means where the file stands. */
function waived({ waiver, subject: { row } }: Why): readonly string[] {
  if (waiver === null) return [];
  const { atMs, by, because, named, events } = waiver;
  const what = events === null ? 'its events, whose number nobody knows,' : counted(events, 'event');
  const holds =
    row.state === 'error' && row.retryAtMs === null
      ? 'it counts as settled until it is processed after all (`rereco resubmit`)'
      : 'it is tried again; success takes that back';
  return [`waived at ${localTime(atMs)} by ${by} (${named}), ${what}: ${because}; ${holds}`];
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
  const isTold = why.verdicts.some(({ waits }) => waits.some(({ code }) => isOfFailure(code, why, context)));
  return [
    `failed (${row.class}): ${row.reason ?? 'no reason on record'}`,
    ...(isTold ? [] : [nextTry(why, context)]),
  ];
}

/** Whether what failed is tried again by itself, and when. */
function nextTry({ subject: { row } }: Why, { now }: PassContext): string {
  if (row.retryAtMs === null) return 'it is not tried again by itself';
  if (row.retryAtMs <= now) return 'its next try is due';
  return `it is tried again at ${localTime(row.retryAtMs)}, in ${span(row.retryAtMs - now)}`;
}

function lastTime(failure: NonNullable<Why['lastFailure']>): string {
  const where = failure.submission === null ? '' : ` (${failure.submission})`;
  const when = failure.closedMs === null ? '' : ` at ${localTime(failure.closedMs)}`;
  return `last failure: ${failure.phase} attempt ${failure.number}${where} ${failure.state}${when}: ${failure.reason ?? 'no reason on record'}`;
}

/** Whether a later processing of its input has made another in place of an output. */
function isSuperseded(subject: Why['subject']): boolean {
  if (subject.kind === 'input' || subject.row.state === 'lost') return false;
  const { row, input } = subject;
  const isDone = input.state === 'done' || input.state === 'copied';
  return isDone && input.revision !== null && input.revision !== row.revision;
}

/** Where there is nothing more to do; why there is something is what the rules say. */
function goal({ atGoal, subject }: Why): readonly string[] {
  const { row } = subject;
  if (row.state === 'lost') return ['its bytes are gone; it no longer counts'];
  if (subject.kind === 'input' && subject.row.retiredMs !== null)
    return ['the input no longer names it; it no longer counts'];
  if (isSuperseded(subject))
    return ['its input has been processed anew since; what that made counts instead'];
  return atGoal && row.state !== 'error' ? ['it is at its goal'] : [];
}

/** What the phases say, the answer that decides first; of a file that a person has waived nothing is awaited. */
function answered(why: Why, context: PassContext): readonly string[] {
  if (why.atGoal && why.subject.row.state === 'error') return [];
  const { first } = why;
  const ranks = (verdict: PhaseVerdict) => (verdict.phase === first?.phase ? 0 : 1);
  const inOrder = why.verdicts.toSorted((a, b) => ranks(a) - ranks(b));
  return inOrder.flatMap((verdict) => verdictLines(verdict, why, context));
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
    ...waits.map((wait) => `${phase}: waits: ${waitText(wait, why, context)}`),
  ];
}

/** A stop of a file; its failure is not told twice. */
function waitText(wait: Waiting, why: Why, context: PassContext): string {
  const text = isOfFailure(wait.code, why, context) ? nextTry(why, context) : wait.text;
  return stopText({ ...wait, text }, context);
}
