/** How each kind of step is carried out. */

import type { StepKind } from '../../model/steps.ts';
import { archive } from './archive.ts';
import { cancel } from './cancel.ts';
import { copy } from './copy.ts';
import { declare } from './declare.ts';
import { deletion } from './delete.ts';
import type { Executor } from './executor.ts';
import { locate } from './locate.ts';
import { promote } from './promote.ts';
import { quarantine } from './quarantine.ts';
import { release } from './release.ts';
import { submit } from './submit.ts';
import { transfer } from './transfer.ts';

/** The executors. A kind that is missing does not compile. */
const EXECUTORS: { readonly [K in StepKind]: Executor<K> } = {
  transfer,
  copy,
  submit,
  promote,
  quarantine,
  cancel,
  declare,
  locate,
  delete: deletion,
  release,
  archive,
};

/** What carries out the steps of a kind. */
export function executorOf<K extends StepKind>(kind: K): Executor<K> {
  return EXECUTORS[kind];
}
