/** The plan of a dry run as people read it: a dataset at a time, alike steps on one line, totals below. */

import type { MembersReport } from '../../reconcilers/daemon/daemon.ts';
import type { Following } from '../../reconcilers/decide/following.ts';
import { signature } from '../../reconcilers/decide/judge/signature.ts';
import type { Rest } from '../../reconcilers/decide/rest.ts';
import { countsOf, kindOf } from '../../reconcilers/decide/steps/kinds.ts';
import { agreeing, counted } from '../../reconcilers/model/counted.ts';
import { groupBy } from '../../reconcilers/model/group-by.ts';
import type { Step, Wait } from '../../reconcilers/model/steps.ts';
import type { PassReport } from '../../reconcilers/pass-report.ts';
import { movesTold } from '../pass-events.ts';
import { membersText, membersTrouble } from './report.ts';
import { shown } from './shown.ts';
import { bytes, lineWidth, table, terminalWidth } from './table.ts';
import { hanging, wrapped } from './wrap.ts';

/** What a plan comes to, over all its steps. */
export interface PlanTotals {
  readonly files: number;
  readonly bytes: number;
  readonly jobs: number;
  readonly deletions: number;
}

/** The sums of a plan's steps. */
export function planTotals(reports: readonly PassReport[]): PlanTotals {
  const steps = reports.flatMap((report) => report.steps);
  const sum = (count: (step: Step) => number) => steps.reduce((total, step) => total + count(step), 0);
  return {
    files: sum((step) => countsOf(step).files),
    bytes: sum((step) => step.bytes),
    jobs: sum((step) => countsOf(step).jobs),
    deletions: sum((step) => countsOf(step).deletions),
  };
}

/** What a plan depends on, and what depends on it. */
export interface PlanSurroundings {
  /** What stopped passes of the dataset. */
  readonly stopped: readonly string[];
  /** What comes after the plan where it goes well. */
  readonly following: readonly Following[];
  /** Of files that are done under an older revision and stay so; null: there are none. */
  readonly older: string | null;
  /** Where the dataset stands before the plan. */
  readonly rest: Rest;
}

/** What would be done for one dataset, and why; what follows if it goes well; what waits, and for what. */
export function planText(
  dataset: string,
  reports: readonly PassReport[],
  members: MembersReport | undefined,
  { stopped, following, older, rest }: PlanSurroundings,
): string {
  const moves = reports.flatMap(({ phase, moves: list }) =>
    grouped(
      foundOf(list),
      (move) => `${move.subject.kind} ${move.from} → ${move.to}, ${move.fact}`,
      (move) => move.because,
      (move) => [move.from, move.to].includes('error'),
    ).map(({ of, why }) => ({ what: `${phase} finds`, of: movesText(of), why })),
  );
  const steps = reports.flatMap((report) => stepLines(report));
  const waits = reports.flatMap(({ phase, waits: list }) => waitLines(phase, list));
  const answers = members === undefined ? [] : [membersLine(members)];
  const silent = reports.flatMap(({ phase, unanswered }) =>
    [...unanswered].map(([system, why]) => ({ what: phase, of: `no answer from ${system}`, why })),
  );
  const kept = older === null ? [] : [{ what: 'kept', of: older, why: '' }];
  const halted = stopped.map((of) => ({ what: 'stopped', of, why: '' }));
  const lines = [
    ...answers,
    ...halted,
    ...silent,
    ...moves,
    ...steps,
    ...thenLines(following),
    ...waits,
    ...kept,
  ];
  if (lines.length === 0) {
    const nothing = rest.is === 'settled' ? 'nothing to do' : `nothing would be done: ${rest.because}`;
    return hanging(`${dataset}: ${nothing}`, lineWidth());
  }
  const space = reports.flatMap(spaceLines);
  return [`${dataset}:`, ...[...lines, ...space].flatMap(lineText), ...totalLine(reports)].join('\n');
}

/** Of jobs that have ended only where nothing has come of it for their files yet. */
function foundOf(moves: PassReport['moves']) {
  const told = movesTold(moves);
  return told.length === 0 ? moves : told;
}

/** Moves that are alike: `3 files pending → transferred`. */
function movesText(moves: readonly PassReport['moves'][number][]): string {
  const [{ subject, from, to } = { subject: { kind: 'file' }, from: '', to: '' }] = moves;
  return `${counted(moves.length, subject.kind)} ${from} → ${to}`;
}

interface Line {
  readonly what: string;
  readonly of: string;
  readonly why: string;
}

function membersLine({ held, runless, ...counts }: MembersReport): Line {
  return { what: 'members', of: membersText(counts), why: membersTrouble({ held, runless }) };
}

function stepLines({ steps }: PassReport): readonly Line[] {
  return grouped(
    steps,
    (step) => step.kind,
    (step) => step.because,
  ).map(({ what, of, why }) => {
    const names = of.flatMap((step) => step.names);
    const size = of.reduce((sum, step) => sum + step.bytes, 0);
    const jobs = of.reduce((sum, step) => sum + countsOf(step).jobs, 0);
    const parts = [
      counted(names.length, kindOf(what).noun),
      ...(jobs > 0 ? [`in ${counted(jobs, 'job')}`] : []),
      ...(size > 0 ? [bytes(size)] : []),
    ];
    const example = names.length > 1 ? `, like ${shown(names[0] ?? '')}` : ` ${shown(names[0] ?? '')}`;
    return { what, of: `${parts.join(', ')}${example}`, why };
  });
}

const NEXT: Readonly<Record<Following['phase'], string>> = {
  transfer: 'is brought here',
  verify: 'is checked',
  process: 'is processed',
  publish: 'has its outputs declared',
  export: 'has its outputs exported',
  archive: 'is archived',
};

/** In the order of a file's life; the limits of the spec cut it, as they do a plan. */
function thenLines(following: readonly Following[]): readonly Line[] {
  return following.map(({ phase, files }, index) => ({
    what: index === 0 ? 'then' : '',
    of: `${counted(files, 'file')} ${agreeing(files, NEXT[phase], plural(NEXT[phase]))}`,
    why: index === 0 ? 'if what comes before goes well' : '',
  }));
}

/** A verb of one file as it agrees with several. */
const plural = (verb: string) => verb.replace(/^is /, 'are ').replace(/^has its /, 'have their ');

function waitLines(phase: string, waits: readonly Wait[]): readonly Line[] {
  return grouped(
    waits,
    ({ stop: { code } }) => code,
    () => '',
  ).map(({ of }) => ({
    what: 'wait',
    of: `${counted(of.length, phase === 'archive' ? 'tar' : 'file')} in ${phase}`,
    why: of[0]?.stop.text ?? '',
  }));
}

/** Things of one kind whose reasons differ in nothing but names and numbers, where the reason matters. */
function grouped<T, K extends string>(
  list: readonly T[],
  whatOf: (one: T) => K,
  reasonOf: (one: T) => string,
  matters: (one: T) => boolean = () => true,
) {
  const alike = groupBy(list, (one) => `${whatOf(one)}\n${matters(one) ? signature(reasonOf(one)) : ''}`);
  return [...alike.values()].flatMap((of) => {
    const [first] = of;
    return first === undefined ? [] : [{ what: whatOf(first), of, why: reasonOf(first) }];
  });
}

/** The peak of each store: what is still to come beside what is free. */
function spaceLines({ phase, space }: PassReport): readonly Line[] {
  return [...space.values()]
    .filter(({ comingBytes }) => comingBytes > 0)
    .map(({ store, freeBytes, keptBytes, comingBytes }) => {
      const free = freeBytes === null ? 'nobody knows how much is free' : `${bytes(freeBytes)} free`;
      const kept = keptBytes > 0 ? `, ${bytes(keptBytes)} of it kept so` : '';
      return {
        what: 'space',
        of: `${store}: ${bytes(comingBytes)} still to come by ${phase}, ${free}${kept}`,
        why: '',
      };
    });
}

const WHAT_WIDTH = 16;

function lineText({ what, of, why }: Line): readonly string[] {
  const head = `  ${what.padEnd(WHAT_WIDTH - 1)} `;
  const text = why === '' ? of : `${of}: ${why}`;
  const body = wrapped(text, ' '.repeat(head.length), terminalWidth());
  return [`${head}${body.trimStart()}`];
}

function totalLine(reports: readonly PassReport[]): readonly string[] {
  const totals = planTotals(reports);
  if (reports.every((report) => report.steps.length === 0)) return [];
  const parts = [
    counted(totals.files, 'file'),
    bytes(totals.bytes),
    counted(totals.jobs, 'job'),
    counted(totals.deletions, 'deletion'),
  ];
  return [table([[`  ${'in all'.padEnd(WHAT_WIDTH - 2)}`, parts.join(', ')]])];
}
