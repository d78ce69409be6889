/** What it means for files that a person takes them as their source has them now: pure. */
import type { Millis } from '../../../machines/model.ts';
import { SOURCE_CONTRADICTS } from '../../../machines/problems.ts';
import { type Finding, onInput, onOutput, onProblem } from '../../model/findings.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { InputRow, OutputRow, Page } from '../../model/rows.ts';
import { NO_TROUBLE } from '../judge/failures.ts';
import { forgetBytes } from './forget-bytes.ts';

/** How an attempt ends whose file is taken anew. */
const REPLACED = { state: 'superseded', reason: 'its file is taken anew, as its source has it now' } as const;

/** Inputs are back to before they were brought, and what was made of the bytes they had does not count any more. */
export function takenAnew(
  page: Page,
  { by, now }: { readonly by: string; readonly now: Millis },
): readonly Finding[] {
  const because = `taken as its source has it now, by ${by}`;
  const work = liveWork(page);
  return [
    ...page.outputs.flatMap((output) => outputSuperseded(output, because)),
    ...page.inputs.flatMap((input) => inputReplaced(input, work.get(input.id), because, now)),
  ];
}

function outputSuperseded({ id, revision }: OutputRow, because: string): readonly Finding[] {
  return [
    onOutput(id, { fact: { type: 'output.superseded' }, because }),
    { on: 'attemptEnd', fileId: id, revision, phase: 'export', end: REPLACED },
  ];
}

function inputReplaced(
  input: InputRow,
  live: LiveWork | undefined,
  because: string,
  now: Millis,
): readonly Finding[] {
  const unmade = { copyPath: null, revision: null, acceptedAttempt: null, waiverId: null };
  return [
    ...forgetBytes(input),
    onProblem(SOURCE_CONTRADICTS, input.id, null),
    onInput(input.id, {
      fact: { type: 'source.replaced' },
      because,
      patch: { ...NO_TROUBLE, actedMs: now, ...unmade },
      ...(live && { end: { phase: 'process', revision: live.attempt.revision, how: REPLACED } }),
    }),
  ];
}
