/** What is held, as people read it: what, by whom, since when, why, how it ends, and what it keeps waiting. */
import { type OutputState, PHASES, type Phase } from '../../machines/model.ts';
import { suspendedIn } from '../../reconcilers/decide/stops/suspensions.ts';
import { agreeing, counted } from '../../reconcilers/model/counted.ts';
import { type Hold, type HoldTarget, resumeCommand } from '../../reconcilers/model/holds.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import type { Totals } from '../../reconcilers/model/totals.ts';
import type { OutputSpec } from '../../specs/types.ts';
import { localTime } from './time.ts';

/** What is held, in words. */
export function targetText({ scope, of, name }: HoldTarget): string {
  const words: Readonly<Record<HoldTarget['scope'], string>> = {
    dataset: of,
    phase: `${of} ${name}`,
    system: `${name} of site ${of}`,
    node: `node ${name} of site ${of}`,
  };
  return words[scope];
}

/** A hold in one line. */
export function holdLine(hold: Hold): string {
  const what = hold.code === 'suspended.byPerson' ? 'suspended' : 'held';
  const since = `since ${localTime(hold.sinceMs)} by ${hold.by} (${hold.code})`;
  return `${targetText(hold)}: ${what} ${since}: ${hold.reason}; \`${resumeCommand(hold)}\` ends it`;
}

/** A doubt about a dataset's members that a person has let pass, in a line; none: there is none. */
export function keptLines({ name, membersKept }: DatasetRow): readonly string[] {
  return membersKept === null ? [] : [`${name}: goes on with the files on record, although ${membersKept}`];
}

/** The holds of some datasets, each once: one of a site is that of every dataset there. */
export function holdsOf(datasets: readonly DatasetRow[]): readonly Hold[] {
  return [
    ...new Map(datasets.flatMap(({ holds }) => holds.map((hold) => [hold.id, hold] as const))).values(),
  ];
}

type Counts = (dataset: DatasetRow, totals: Totals) => number;

/** What waits for each phase, in words. */
const WAITING: Readonly<Record<Phase, readonly [of: Counts, noun: string, to: string]>> = {
  transfer: [(_, { inputs }) => inputs.pending, 'file', 'to be brought'],
  verify: [(_, { inputs }) => inputs.transferred, 'file', 'to be checked'],
  process: [(_, { inputs }) => inputs.verified, 'file', 'for a job'],
  publish: [
    outputsIn(['promoted', 'declared'], ({ declare }) => declare !== 'never'),
    'output',
    'to be declared',
  ],
  export: [outputsIn(['promoted', 'located'], (output) => output.export !== null), 'output', 'to be sent'],
  archive: [
    ({ loaded }, { unarchived }) => (loaded.spec.archive ? unarchived : 0),
    'submission',
    'to be archived',
  ],
};

function outputsIn(states: readonly OutputState[], are: (output: OutputSpec) => boolean): Counts {
  return ({ loaded }, totals) => {
    const counts = loaded.spec.outputs.filter(are).map(({ key }) => totals.outputs[key]);
    return counts.reduce(
      (sum, of) => sum + states.reduce((files, state) => files + (of?.[state] ?? 0), 0),
      0,
    );
  };
}

/** What a suspension keeps waiting of a dataset, and what goes on all the same; empty: nothing. */
export function waitingText(dataset: DatasetRow, totals: Totals, hold: Hold, ofBatch: boolean): string {
  const waits = PHASES.filter((phase) => bites(dataset, hold, phase, ofBatch)).flatMap((phase) => {
    const [of, noun, to] = WAITING[phase];
    const count = of(dataset, totals);
    return count === 0 ? [] : [`${counted(count, noun)} ${agreeing(count, 'waits', 'wait')} ${to}`];
  });
  const { liveJobs, liveTransfers } = totals;
  const live = [
    ...(liveJobs > 0 ? [counted(liveJobs, 'job')] : []),
    ...(liveTransfers > 0 ? [counted(liveTransfers, 'transfer')] : []),
  ];
  const goesOn =
    live.length === 0
      ? []
      : [
          `${live.join(' and ')} in motion ${agreeing(liveJobs + liveTransfers, 'is', 'are')} followed to the end`,
        ];
  return [...waits, ...goesOn].join(', ');
}

function bites(dataset: DatasetRow, hold: Hold, phase: Phase, ofBatch: boolean): boolean {
  if (hold.scope === 'dataset') return phase !== 'verify';
  if (hold.scope === 'node') return ofBatch && phase === 'process';
  return suspendedIn({ dataset: { ...dataset, holds: [hold] } }, phase).length > 0;
}
