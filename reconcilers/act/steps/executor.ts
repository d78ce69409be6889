/** How the steps of a kind are carried out: all of a page together, each with an outcome. */

import { chunks } from '../../model/chunks.ts';
import type { PassContext } from '../../model/context.ts';
import { groupBy } from '../../model/group-by.ts';
import type { InputRow } from '../../model/rows.ts';
import type { ReadyStep, StepKind, StepOutcome, TakenStep } from '../../model/steps.ts';
import type { SitePorts } from '../../ports/ports.ts';
import { askingOf } from './asking.ts';
import { atOnce } from './at-once.ts';

/** What executors work with. */
export interface Taking {
  readonly ports: SitePorts;
  readonly context: PassContext;
  /** The row of an input of the page. */
  readonly input: (id: number) => InputRow;
  readonly signal: AbortSignal;
}

/**
 * Takes all steps of its kind in a page, and says of each how it went, as it comes.
 *
 * A step that fails is an outcome, not an exception. Throws when the signal was aborted: the
 * steps left are then not taken, and their intents are found by the next pass.
 */
export type Executor<K extends StepKind> = (
  steps: readonly ReadyStep<K>[],
  taking: Taking,
) => AsyncIterable<TakenStep<K>>;

/** A step that went well and has no more to say. */
export const DONE = { ok: true } as const;

/** Steps that are taken so many at a time. */
interface Group<K extends StepKind> {
  readonly steps: readonly ReadyStep<K>[];
  readonly atOnce: number;
}

/** One after the other. */
const inTurn = <K extends StepKind>(steps: readonly ReadyStep<K>[]): readonly Group<K>[] => [
  { steps, atOnce: 1 },
];

/** Store by store, as many at a time as the store takes. */
export function byStore<S extends { readonly store: string }>(steps: readonly S[], { ports }: Taking) {
  return [...groupBy(steps, ({ store }) => store)].map(([store, alike]) => ({
    steps: alike,
    atOnce: ports.stores.get(store)?.atOnce ?? 1,
  }));
}

/** `eachStep` makes an executor that takes each step by a call of its own. @param groups  how many at a time */
export function eachStep<K extends StepKind>(
  kind: K,
  call: (step: ReadyStep<K>, taking: Taking) => Promise<StepOutcome<K>>,
  groups: (steps: readonly ReadyStep<K>[], taking: Taking) => readonly Group<K>[] = inTurn,
): Executor<K> {
  return async function* (steps, taking) {
    const ask = askingOf(kind, taking.signal);
    const bySelf = (step: ReadyStep<K>) => ask([step], async () => [await call(step, taking)]);
    for (const group of groups(steps, taking)) {
      for await (const taken of atOnce(group.steps, group.atOnce, bySelf)) yield* taken;
    }
  };
}

/**
 * `inCalls` makes an executor that takes so many steps by one call.
 *
 * Where something is wrong with one of them and the call says no to all, each is asked by itself.
 *
 * @param call  what each step came to, in their order
 */
export function inCalls<K extends StepKind>(
  kind: K,
  perCall: (taking: Taking) => number,
  call: (steps: readonly ReadyStep<K>[], taking: Taking) => Promise<readonly StepOutcome<K>[]>,
): Executor<K> {
  return async function* (steps, taking) {
    const ask = askingOf(kind, taking.signal);
    for (const some of chunks(steps, perCall(taking))) yield* await ask(some, (open) => call(open, taking));
  };
}
