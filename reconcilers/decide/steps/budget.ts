/** How much of each kind of step may still be taken, and cutting a list of decisions to it. */

import type { PassContext } from '../../model/context.ts';
import type { Decided } from '../../model/steps.ts';
import { type Stop, stop } from '../../model/stops.ts';
import type { BudgetName } from './kind.ts';
import { kindOf, plannedBy } from './kinds.ts';
import { nodesKey } from './submit.ts';

/**
 * What is left of each budget; it goes from page to page of a pass. `jobs` counts jobs, not
 * files; `transfers` counts files in transfer, either way.
 */
export type Budget = Readonly<Record<BudgetName, number>>;

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

/** Decisions within a budget. */
export interface Cut {
  /** All of them, in order; those the budget does not allow wait, and say so. */
  readonly kept: readonly Decided[];
  /** What remains of the budget after this page. */
  readonly left: Budget;
}

/**
 * `withinBudget` keeps what the budget allows, in order; the rest waits and says for what.
 *
 * Only files that may run on the same nodes share a job: a file that finds none of its own with
 * room begins one.
 */
export function withinBudget(
  decided: readonly Decided[],
  budget: Budget,
  { dataset, traits }: Pick<PassContext, 'dataset' | 'traits'>,
): Cut {
  const { filesPerJob } = dataset.loaded.spec.job;
  const left: Record<BudgetName, number> = { ...budget };
  const roomInJobs = new Map<string, number>();
  const kept = decided.map((one): Decided => {
    const planned = plannedBy(one.decision);
    const used = planned === undefined ? null : kindOf(planned.kind).budget;
    if (used === null) return one;
    const job = one.decision.do === 'submit' ? nodesKey(one.decision.input, traits.batch.nodes) : null;
    const room = job === null ? undefined : roomInJobs.get(job);
    if (job !== null && room !== undefined && room > 0) {
      roomInJobs.set(job, room - 1);
      return one;
    }
    if (left[used] <= 0) return { ...one, rule: 'withinBudget', decision: { do: 'wait', stop: SPENT[used] } };
    left[used] -= 1;
    if (job !== null) roomInJobs.set(job, filesPerJob - 1);
    return one;
  });
  return { kept, left };
}

/** What files wait for of which a budget takes no more. */
export const SPENT: Readonly<Record<BudgetName, Stop>> = {
  jobs: stop('jobs.limit', 'no free place for a job (limits.jobs, limits.scouts, batch.maxQueued)'),
  transfers: stop('transfers.limit', 'no free place for a transfer (limits.transfers)'),
  delete: stop('budget.spent', 'the budget of deletions of this pass is spent (limits.budgets.delete)'),
  quarantine: stop(
    'budget.spent',
    'the budget of quarantines of this pass is spent (limits.budgets.quarantine)',
  ),
  cancel: stop('budget.spent', 'the budget of cancellations of this pass is spent (limits.budgets.cancel)'),
};
