import type { Phase } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { Page } from '../../model/rows.ts';
import type { PageScope } from '../../model/scope.ts';
import type { Decided } from '../../model/steps.ts';
import type { Round, World } from '../../model/world.ts';
import type { Draft } from './draft.ts';

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
  /** Move what has moved. */
  find(context: PassContext, page: Page, seen: World, draft: Draft): void;
  /** Say what to do next, or why to wait, for each file as the draft now has it. */
  decide(context: PassContext, page: Page, seen: World, draft: Draft): readonly Decided[];
}
