/** How much of each kind of step may still be taken, and cutting a list of decisions to it. */

import type { PassContext } from '../../model/context.ts';
import type { Decided, Decision, StepKind } from '../../model/steps.ts';
import { type Stop, stop } from '../../model/stops.ts';

/** Counts left; they go from page to page of a pass. */
export interface Budget {
  /** Jobs, not files. */
  readonly jobs: number;
  /** Files in transfer, either way. */
  readonly transfers: number;
  readonly delete: number;
  readonly quarantine: number;
  readonly cancel: number;
}

/** The budget of a pass at its start. @param siteRoom jobs the site has room for */
export function budgetOf({ dataset, totals }: PassContext, siteRoom: number): Budget {
  const { limits } = dataset.loaded.spec;
  return {
    jobs: Math.max(0, Math.min(limits.jobs - totals.liveJobs, siteRoom, scoutRoom({ dataset, totals }))),
    transfers: Math.max(0, limits.transfers - totals.liveTransfers),
    ...limits.budgets,
  };
}

/** Until the scouts are done, no more than the scouts are under way. */
function scoutRoom({ dataset, totals }: Pick<PassContext, 'dataset' | 'totals'>): number {
  const { scouts } = dataset.loaded.spec.limits;
  const arrived = totals.inputs.done + totals.inputs.copied;
  if (scouts === 0 || arrived >= scouts) return Number.POSITIVE_INFINITY;
  const { filesPerJob } = dataset.loaded.spec.job;
  return Math.max(0, Math.ceil((scouts - arrived) / filesPerJob) - totals.liveJobs);
}

export interface Cut {
  readonly kept: readonly Decided[];
  /** What was left for a later pass: turned into waits that say so. */
  readonly left: Budget;
}

/** Keep what the budget allows, in order; the rest waits and says for what. */
export function withinBudget(decided: readonly Decided[], budget: Budget, filesPerJob: number): Cut {
  const files: Record<keyof Budget, number> = { ...budget, jobs: budget.jobs * filesPerJob };
  const kept = decided.map((one): Decided => {
    const purse = purseOf(one.decision);
    if (purse === undefined) return one;
    if (files[purse] <= 0)
      return { ...one, rule: 'withinBudget', decision: { do: 'wait', stop: EXHAUSTED[purse] } };
    files[purse] -= 1;
    return one;
  });
  return { kept, left: { ...files, jobs: Math.floor(files.jobs / filesPerJob) } };
}

const EXHAUSTED: Readonly<Record<keyof Budget, Stop>> = {
  jobs: stop('jobs.limit', 'no free place for a job (limits.jobs, limits.scouts, batch.maxQueued)'),
  transfers: stop('transfers.limit', 'no free place for a transfer (limits.transfers)'),
  delete: stop('budget.spent', 'the budget of deletions of this pass is spent (limits.budgets.delete)'),
  quarantine: stop(
    'budget.spent',
    'the budget of quarantines of this pass is spent (limits.budgets.quarantine)',
  ),
  cancel: stop('budget.spent', 'the budget of cancellations of this pass is spent (limits.budgets.cancel)'),
};

const PURSES: Readonly<Partial<Record<StepKind, keyof Budget>>> = {
  delete: 'delete',
  release: 'delete',
  quarantine: 'quarantine',
  cancel: 'cancel',
};

function purseOf(decision: Decision): keyof Budget | undefined {
  switch (decision.do) {
    case 'submit':
      return 'jobs';
    case 'transfer':
    case 'copy':
      return 'transfers';
    case 'step':
      return PURSES[decision.step.kind];
    case 'wait':
      return undefined;
  }
}
