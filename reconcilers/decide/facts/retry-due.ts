import { advance } from '../../../machines/advance.ts';
import type { Millis, Phase } from '../../../machines/model.ts';
import { type Finding, onInput } from '../../model/findings.ts';
import type { InputRow, Page } from '../../model/rows.ts';

/** Forgive errors whose time has come. @param may  asked last, of those that would be forgiven */
export function retryDue(
  page: Page,
  now: Millis,
  phases: readonly Phase[],
  may: (input: InputRow) => boolean = () => true,
): readonly Finding[] {
  return page.inputs.filter((row) => isDue(row, now, phases) && may(row)).map(forgiven);
}

function isDue({ state, phase, retryAtMs, retiredMs }: InputRow, now: Millis, phases: readonly Phase[]) {
  if (state !== 'error' || phase === null || !phases.includes(phase)) return false;
  return retryAtMs !== null && retryAtMs <= now && retiredMs === null;
}

/** What is to be brought once more has no copy: the one that was bad is put aside. */
function forgiven(row: InputRow): Finding {
  const fact = { type: 'retry.due' } as const;
  const because = `retry ${row.retriesUsed + row.siteRetries} is due after: ${row.reason ?? 'a failure'}`;
  const isBroughtAgain = advance(row, fact).state === 'pending';
  return onInput(row.id, { fact, because, ...(isBroughtAgain && { patch: { copyPath: null } }) });
}
