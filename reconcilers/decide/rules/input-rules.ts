/** Rules about an input that several phases have in their lists. */
import type { PassContext } from '../../model/context.ts';
import type { InputRow } from '../../model/rows.ts';
import { stop } from '../../model/stops.ts';
import { unwantedRun } from '../members/named-members.ts';
import { errorStop } from '../stops/error-stop.ts';
import { type Rule, wait } from './rule.ts';

/** What these rules need of a phase's view. */
export interface AboutInput {
  readonly context: PassContext;
  /** As the facts of the pass have left it. */
  readonly input: InputRow;
}

/** Nothing more is done for a file that the input no longer names. */
export const inputIsRetired: Rule<AboutInput> = ({ input }) =>
  input.retiredMs === null
    ? undefined
    : wait(stop('retired', 'retired: the input no longer names this file', input.retiredMs));

/** The spec asks for runs, and this file's is another, or nobody knows it. */
export const runIsNotWanted: Rule<AboutInput> = ({ context, input }) => {
  const unwanted = unwantedRun(context.dataset, input);
  return unwanted === undefined ? undefined : wait(stop('run.unknown', unwanted));
};

/** A file in error is tried again when its time comes, or when a person says so; a waived one is settled. */
export const itFailed: Rule<AboutInput> = ({ context, input }) => {
  if (input.state !== 'error') return undefined;
  if (input.waiverId !== null && input.retryAtMs === null) {
    return wait(stop('waived', 'a person has waived it: it counts as settled, and is not tried again'));
  }
  return wait(errorStop(input, context.now));
};
