import type { Phase } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { Finding } from '../../model/findings.ts';
import type { Page } from '../../model/rows.ts';
import type { PageScope } from '../../model/scope.ts';
import type { Decided } from '../../model/steps.ts';
import type { Round, World } from '../../model/world.ts';
import type { Standing } from './change-of.ts';
import type { ChangeOptions } from './rows-after.ts';

/** What makes a phase: which rows, which questions, which facts, which steps. All pure. */
export interface PhaseRules {
  readonly phase: Phase;
  /**
   * Whether what it plans depends on how many files stand where: then they are counted anew
   * for each page under the lease. Counting all files for each short page is quadratic.
   */
  readonly countsFiles: boolean;
  /** The rows to look at; several scopes are gone through one after another. */
  scopes(context: PassContext): readonly PageScope[];
  /** What to ask of the outside about a page; a later round may depend on the answers so far. */
  rounds(context: PassContext, page: Page): readonly Round[];
  /** Say what has happened to the files of a page. */
  find(context: PassContext, page: Page, seen: World): readonly Finding[];
  /** Say what to do next, or why to wait, for each file. @param now  the rows as the findings have left them */
  decide(context: PassContext, page: Page, seen: World, now: Standing): readonly Decided[];
}

/** What the findings of a phase are judged by. */
export function optionsOf(
  { now, dataset }: Pick<PassContext, 'now' | 'dataset'>,
  phase: Phase,
): ChangeOptions {
  return { now, phase, retry: dataset.loaded.spec.retry };
}
