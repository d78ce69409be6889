/**
 * A decision as a list of named rules over one view: the first that answers decides, and the
 * answer carries its name, by which people and monitors can ask and count.
 */
import type { Decided, Decision } from '../../model/steps.ts';
import type { Stop } from '../../model/stops.ts';

/** A rule answers with a decision, or leaves the file to the rules after it. Its function's name is its name. */
export type Rule<View> = (view: View) => Decision | undefined;

/** The first answer, and the rule that gave it; undefined where none has anything to say. */
export function firstAnswer<View>(
  rules: readonly Rule<View>[],
  view: View,
): Omit<Decided, 'name'> | undefined {
  for (const rule of rules) {
    const decision = rule(view);
    if (decision !== undefined) return { rule: rule.name, decision };
  }
  return undefined;
}

/** A wait for what a stop says; undefined where there is none, so that a rule may return it as it is. */
export function wait(stop: Stop | undefined): Decision | undefined {
  return stop === undefined ? undefined : { do: 'wait', stop };
}
