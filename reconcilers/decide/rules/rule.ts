/**
 * A decision as a list of named rules over one view: the first that answers decides, and the
 * answer carries its name, by which people and monitors can ask and count.
 */
import type { Decided, Decision } from '../../model/steps.ts';
import type { Stop } from '../../model/stops.ts';

/**
 * A rule answers with a decision, or leaves the file to the rules after it. Its function's name is its name.
 *
 * Where a file may need several steps at once the answer is a list; an empty one says that
 * there is nothing to do and nothing to wait for.
 */
export type Rule<View, Answer = Decision> = (view: View) => Answer | undefined;

/** The first answer, and the rule that gave it; undefined where none has anything to say. */
export function firstAnswer<View, Answer = Decision>(
  rules: readonly Rule<View, Answer>[],
  view: View,
): { readonly rule: string; readonly decision: Answer } | undefined {
  for (const rule of rules) {
    const decision = rule(view);
    if (decision !== undefined) return { rule: rule.name, decision };
  }
  return undefined;
}

/** What the first rule that answers decides about a file, as often as it wants steps. */
export function decidedBy<View>(
  rules: readonly Rule<View, Decision | readonly Decision[]>[],
  view: View,
  name: string,
): readonly Decided[] {
  const answer = firstAnswer(rules, view);
  if (answer === undefined) return [];
  return [answer.decision].flat().map((decision) => ({ name, rule: answer.rule, decision }));
}

/** A wait for what a stop says; undefined where there is none, so that a rule may return it as it is. */
export function wait(stop: Stop | undefined): Decision | undefined {
  return stop === undefined ? undefined : { do: 'wait', stop };
}
