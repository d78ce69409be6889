/** The decision about one page: what moved, what is to be done next, and what waits. Pure. */

import type { PassContext } from '../model/context.ts';
import type { Page, Transition } from '../model/rows.ts';
import type { World } from '../model/world.ts';
import { type Draft, isEmpty, openDraft } from './draft/draft.ts';
import type { PhaseRules } from './draft/phase-rules.ts';
import { withinPlaces } from './places/places.ts';
import { type Budget, withinBudget } from './steps/budget.ts';
import { type Plan, plan } from './steps/plan.ts';
import { spaceLines, withinSpace } from './stops/space.ts';

/** What a page comes to: its plan, and the writing that goes with it. */
export interface Considered {
  readonly plan: Plan;
  readonly draft: Draft;
  readonly moves: readonly Transition[];
  readonly left: Budget;
  /** Nothing to do and nothing to write. */
  readonly quiet: boolean;
}

/** Compare and plan one page: pure, and the same for a dry run and the real thing. */
export function consider(
  rules: PhaseRules,
  context: PassContext,
  page: Page,
  seen: World,
  budget: Budget,
): Considered {
  const { retry, job } = context.dataset.loaded.spec;
  const phase = rules.phase;
  const draft = openDraft(page, { now: context.now, phase, retry });
  rules.find(context, page, seen, draft);
  const decided = withinPlaces(context, rules.decide(context, page, seen, draft), page, seen, draft);
  const fitting = withinSpace(context, phase, decided, seen);
  const cut = withinBudget(fitting, budget, job.filesPerJob);
  const planned = plan(context, cut.kept, spaceLines(context, phase, seen));
  const preview = draft.preview();
  return {
    plan: planned,
    draft,
    moves: preview.transitions,
    left: cut.left,
    quiet: planned.steps.length === 0 && isEmpty(preview),
  };
}
