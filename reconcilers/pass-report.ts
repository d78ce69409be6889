/** What one pass came to, for whoever prints it. */
import type { Phase } from '../machines/model.ts';
import type { FailedForGood } from './decide/change/failures-for-good.ts';
import type { Plan } from './decide/steps/plan.ts';
import type { Stood } from './decide/stood.ts';
import type { SpaceLine } from './decide/stops/space.ts';
import type { Transition } from './model/rows.ts';
import type { Step, TakenStep, Wait } from './model/steps.ts';

/** `PassReport` is what one pass of one phase over a dataset came to. */
export interface PassReport {
  readonly dataset: string;
  readonly phase: Phase;
  /** Who has the lease, when the pass was not done; null when it was. */
  readonly skipped: string | null;
  /** Where the dataset stood when the pass began; null for the sweep of its site. */
  readonly stood: Stood | null;
  readonly moves: Transition[];
  /** Files that are not tried again by themselves any more; a dry run does not say. */
  readonly failed: FailedForGood[];
  readonly steps: Step[];
  readonly waits: Wait[];
  /** Steps that were taken and did not go well. */
  readonly failures: TakenStep[];
  /** A dry run: the space of stores that the phase brings bytes to, by store. */
  readonly space: Map<string, SpaceLine>;
  /** Systems that did not answer, with what they said. */
  readonly unanswered: Map<string, string>;
}

export function newReport(dataset: string, phase: Phase, stood: Stood | null): PassReport {
  return {
    dataset,
    phase,
    skipped: null,
    stood,
    moves: [],
    failed: [],
    steps: [],
    waits: [],
    failures: [],
    space: new Map(),
    unanswered: new Map(),
  };
}

/** `PageResult` is what one page adds to the report of its pass. */
export interface PageResult {
  readonly health: ReadonlyMap<string, string | null>;
  readonly moves: readonly Transition[];
  readonly failed: readonly FailedForGood[];
  readonly plan: Plan;
  readonly taken: readonly TakenStep[];
}

/** Add what a page came to; the report is the pass's own. */
export function addPage(report: PassReport, { health, moves, failed, plan, taken }: PageResult): void {
  for (const move of moves) report.moves.push(move);
  for (const one of failed) report.failed.push(one);
  for (const step of plan.steps) report.steps.push(step);
  for (const wait of plan.waits) report.waits.push(wait);
  for (const one of taken) if (!one.outcome.ok) report.failures.push(one);
  for (const line of plan.space) report.space.set(line.store, line);
  for (const [system, problem] of health) if (problem !== null) report.unanswered.set(system, problem);
}

/** Whether a pass changed or would change anything. Steps that all failed have changed nothing. */
export function isQuiet(report: PassReport): boolean {
  return report.moves.length === 0 && report.steps.length === report.failures.length;
}
