/** The two writings of a page: what is found and intended before the steps, what came of them after. */

import { changeOf, withMade } from '../decide/change/change-of.ts';
import { type FailedForGood, failedForGood } from '../decide/change/failed-for-good.ts';
import { optionsOf, type PhaseRules } from '../decide/change/phase-rules.ts';
import { type Considered, consider } from '../decide/consider.ts';
import { claimsOf } from '../decide/places/places.ts';
import { type Budget, budgetOf } from '../decide/steps/budget.ts';
import { conclude } from '../decide/steps/conclude.ts';
import { intend } from '../decide/steps/intents.ts';
import { numbered, numbersNeeded } from '../decide/steps/plan.ts';
import type { PassContext } from '../model/context.ts';
import type { Lease, Records } from '../model/records.ts';
import type { Page, Transition } from '../model/rows.ts';
import type { PageScope } from '../model/scope.ts';
import type { World } from '../model/world.ts';
import type { Taken } from './apply.ts';
import { placesAsked, withOwners } from './holders.ts';

export interface Begun extends Considered {
  readonly rules: PhaseRules;
  readonly context: PassContext;
  /** Its rows as the intents were committed with them. */
  readonly page: Page;
  readonly failed: readonly FailedForGood[];
}

/** What came of the steps of a page. */
export interface Recorded {
  readonly moves: readonly Transition[];
  readonly failed: readonly FailedForGood[];
}

export interface PageToBegin {
  readonly rules: PhaseRules;
  readonly context: PassContext;
  readonly scope: PageScope;
  readonly page: Page;
  readonly seen: World;
  readonly budget: Budget;
}

/**
 * Read the page anew under the lease, decide again on what it is now, and commit
 * what was found together with every intent.
 */
export async function begin(records: Records, lease: Lease, asked: PageToBegin): Promise<Begun> {
  const { rules, scope } = asked;
  const { dataset } = asked.context;
  return records.write(lease, dataset, async (writing) => {
    const page = await writing.reread(asked.page, scope);
    const seen = withOwners(asked.seen, await writing.owners(placesAsked(asked.seen)));
    const bytes = asked.context.bytes && (await writing.bytes());
    const totals = rules.countsFiles ? await writing.totals() : asked.context.totals;
    const context = {
      ...asked.context,
      dataset: { ...dataset, holds: await writing.holds() },
      totals,
      bytes,
    };
    const { batch, name } = dataset.loaded.site;
    const room = rules.phase === 'process' ? await writing.room(name, batch.maxQueued) : 0;
    const fresh = budgetOf(context, room);
    const considered = consider(rules, context, page, seen, {
      ...asked.budget,
      jobs: fresh.jobs,
      transfers: fresh.transfers,
    });
    const needed = numbersNeeded(considered.plan.steps);
    const steps =
      needed === 0 ? considered.plan.steps : numbered(considered.plan.steps, await writing.numbers(needed));
    const { standing } = considered;
    const findings = [
      ...considered.findings,
      ...intend(context, steps, standing),
      ...claimsOf(context, steps, seen, standing).map((claim) => ({ on: 'claim', ...claim }) as const),
    ];
    const { change, page: written } = changeOf(page, findings, optionsOf(context, rules.phase));
    const made = await writing.commit(change);
    return {
      ...considered,
      plan: { ...considered.plan, steps },
      context,
      rules,
      page: withMade(written, made),
      failed: failedForGood(change),
    };
  });
}

/** Commit what came of the steps. @param nowMs the database's clock after the last of them */
export async function record(
  records: Records,
  lease: Lease,
  begun: Begun,
  taken: readonly Taken[],
): Promise<Recorded> {
  if (taken.length === 0) return { moves: [], failed: [] };
  const { context, page, rules } = begun;
  const findings = conclude(context, page, taken);
  const { change } = changeOf(page, findings, optionsOf(context, rules.phase));
  const actedMs = await records.now();
  const stamped = {
    ...change,
    inputs: change.inputs.map(({ before, after }) => ({ before, after: { ...after, actedMs } })),
    outputs: change.outputs.map(({ before, after }) => ({ before, after: { ...after, actedMs } })),
  };
  await records.write(lease, context.dataset, (writing) => writing.commit(stamped));
  return { moves: change.transitions, failed: failedForGood(change) };
}
