/** What follows from how steps went. */

import type { PassContext } from '../../model/context.ts';
import type { Finding } from '../../model/findings.ts';
import { groupBy } from '../../model/group-by.ts';
import { liveWork } from '../../model/live-work.ts';
import type { Page } from '../../model/rows.ts';
import type { TakenStep } from '../../model/steps.ts';
import { standingOf } from '../change/change-of.ts';
import { optionsOf } from '../change/phase-rules.ts';
import { kindOf, STEP_KINDS } from './kinds.ts';

/** What is now known because steps of a page were taken. @param page  its rows as they are now */
export function conclude(context: PassContext, page: Page, taken: readonly TakenStep[]): readonly Finding[] {
  const standing = standingOf(page, [], optionsOf(context, 'process'));
  const outputs = groupBy(page.outputs, (row) => row.inputId);
  const about = { context, standing, outputs, work: liveWork(page), taken };
  return STEP_KINDS.flatMap((kind) => {
    const alike = taken.filter(({ step }) => step.kind === kind);
    return alike.length === 0 ? [] : kindOf(kind).conclude(alike, about);
  });
}
