import type { Phase } from '../../../machines/model.ts';
import type { InputRow, Page } from '../../model/rows.ts';
import type { Draft } from '../change/draft.ts';

/** Forgive errors whose time has come. @param may  asked last, of those that would be forgiven */
export function retryDue(
  page: Page,
  draft: Draft,
  phases: readonly Phase[],
  may: (input: InputRow) => boolean = () => true,
): void {
  for (const { id } of page.inputs) {
    const row = draft.input(id);
    if (row.state !== 'error' || row.phase === null || !phases.includes(row.phase)) continue;
    if (row.retryAtMs === null || row.retryAtMs > draft.now || row.retiredMs !== null) continue;
    if (!may(row)) continue;
    draft.find(id, {
      fact: { type: 'retry.due' },
      because: `retry ${row.retriesUsed + row.siteRetries} is due after: ${row.reason ?? 'a failure'}`,
    });
    if (draft.input(id).state === 'pending') draft.touch(id, { copyPath: null });
  }
}
