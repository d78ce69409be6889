/** The two writings of a page: what is found and intended before the steps, what came of them after. */

import { changeOf, withMade } from '../decide/change/change-of.ts';
import { type FailedForGood, failuresForGood } from '../decide/change/failures-for-good.ts';
import { optionsOf, type PhaseRules } from '../decide/change/phase-rules.ts';
import { type Considered, consider } from '../decide/consider.ts';
import { claimsOf } from '../decide/places/places.ts';
import { type Budget, budgetOf } from '../decide/steps/budget.ts';
import { conclude } from '../decide/steps/conclude.ts';
import { intend } from '../decide/steps/intents.ts';
import { numbered, numbersNeeded } from '../decide/steps/numbers.ts';
import type { PassContext } from '../model/context.ts';
import type { Finding } from '../model/findings.ts';
import type { Lease, Records } from '../model/records.ts';
import type { Page, Transition } from '../model/rows.ts';
import type { PageScope } from '../model/scope.ts';
import type { ReadyStep, TakenStep } from '../model/steps.ts';
import type { World } from '../model/world.ts';
import { placesAsked, withOwners } from './holders.ts';

/** A page whose intents are committed. */
export interface PageInMotion {
  readonly rules: Pick<PhaseRules, 'phase'>;
  readonly context: PassContext;
  /** Its rows as they were committed last. */
  readonly page: Page;
  /** What systems have said of new work since the intents were committed. */
  readonly gates: readonly Finding<'gate'>[];
}

/** `Begun` is a page whose intents are committed, with its steps as they may be taken. */
export interface Begun extends Considered, PageInMotion {
  /** The steps of the plan, as they may be taken. */
  readonly steps: readonly ReadyStep[];
  readonly failed: readonly FailedForGood[];
}

/** `PageToBegin` is a page with what was seen of it and the budget that its steps have. */
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
    const steps = numbered(considered.plan.steps, needed === 0 ? 0 : await writing.numbers(needed));
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
      steps,
      context,
      rules,
      page: withMade(written, made),
      gates: [],
      failed: failuresForGood(change),
    };
  });
}

/** What is known once outcomes were committed. */
export interface Recorded {
  /** The page as it stands now, for the steps that are still to come. */
  readonly now: PageInMotion;
  readonly moves: readonly Transition[];
  readonly failed: readonly FailedForGood[];
}

/** Commit what came of some of the steps; rows that change were acted on by now, by the database's clock. */
export async function record(
  records: Pick<Records, 'now' | 'write'>,
  lease: Lease,
  before: PageInMotion,
  taken: readonly TakenStep[],
): Promise<Recorded> {
  if (taken.length === 0) return { now: before, moves: [], failed: [] };
  const { context, page, rules, gates } = before;
  const found = conclude(context, page, taken);
  const said = found.filter((finding) => finding.on === 'gate');
  // Of all that systems say in a page the most telling counts, whichever commit it came with.
  const findings = said.length === 0 ? found : [...gates, ...found];
  const options = { ...optionsOf(context, rules.phase), actedMs: await records.now() };
  const { change, page: written } = changeOf(page, findings, options);
  const made = await records.write(lease, context.dataset, (writing) => writing.commit(change));
  return {
    now: { ...before, page: withMade(written, made), gates: [...gates, ...said] },
    moves: change.transitions,
    failed: failuresForGood(change),
  };
}
