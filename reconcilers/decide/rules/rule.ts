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

/** Rules of which the last answers whatever it is asked: a list that leaves nothing without an answer. */
export type AnsweringRules<View> = readonly [...(readonly Rule<View>[]), (view: View) => Decision];

/** The first answer of rules that always have one, and the rule that gave it. */
export function answerOf<View>(rules: AnsweringRules<View>, view: View): Omit<Decided, 'name'> {
  const answer = firstAnswer(rules, view);
  if (answer === undefined) throw new Error('the last rule of a list always answers; please report');
  return answer;
}

/** A wait for what a stop says; undefined where there is none, so that a rule may return it as it is. */
export function wait(stop: Stop | undefined): Decision | undefined {
  return stop === undefined ? undefined : { do: 'wait', stop };
}
