/** The decision about one page: what moved, what is to be done next, and what waits. Pure. */

import type { PassContext } from '../model/context.ts';
import type { Finding } from '../model/findings.ts';
import type { Page, Transition } from '../model/rows.ts';
import type { Decided } from '../model/steps.ts';
import type { World } from '../model/world.ts';
import { changeOf, isEmpty, type Standing } from './change/change-of.ts';
import { optionsOf, type PhaseRules } from './change/phase-rules.ts';
import { withinPlaces } from './places/places.ts';
import { type Budget, withinBudget } from './steps/budget.ts';
import { type Plan, plan } from './steps/plan.ts';
import { withinSpace } from './steps/within-space.ts';
import { withinSuspensions } from './steps/within-suspensions.ts';
import { spaceLines } from './stops/space.ts';

/** What a page comes to: its plan, and what was found out on the way. */
export interface Considered {
  readonly plan: Plan;
  /** What is decided about each file, after what stops decisions: places, space, budgets. */
  readonly decided: readonly Decided[];
  readonly findings: readonly Finding[];
  /** The rows as the findings leave them. */
  readonly standing: Standing;
  readonly moves: readonly Transition[];
  readonly left: Budget;
  /** Nothing to do and nothing to write. */
  readonly quiet: boolean;
}

/** Compare and plan one page: the same for a dry run and the real thing. */
export function consider(
  rules: PhaseRules,
  context: PassContext,
  page: Page,
  seen: World,
  budget: Budget,
): Considered {
  const { phase } = rules;
  const found = rules.find(context, page, seen);
  const { change, standing } = changeOf(page, found, optionsOf(context, phase));
  const placed = withinPlaces(context, rules.decide(context, page, seen, standing), page, seen, standing);
  const free = withinSuspensions(context, phase, placed.decided);
  const fitting = withinSpace(context, phase, free, seen);
  const cut = withinBudget(fitting, budget, context);
  const planned = plan(context, cut.kept, spaceLines(context, phase, seen));
  return {
    plan: planned,
    decided: cut.kept,
    findings: [...found, ...placed.findings],
    standing,
    moves: change.transitions,
    left: cut.left,
    quiet: planned.steps.length + placed.findings.length === 0 && isEmpty(change),
  };
}
