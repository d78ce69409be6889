/** What a step that did not go well says of its file. */
import type { ErrorClass, FileId } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { Failure } from '../../model/failure.ts';
import { type Finding, onOutput } from '../../model/findings.ts';
import type { DriverErrorCode } from '../../ports/errors.ts';
import type { Outcome } from '../../ports/seen.ts';

/** An outcome that is no success. */
export type Failed = Extract<Outcome, { readonly ok: false }>;

/** What each code of a driver's answer means for trying again. */
export const CLASS_OF_CODE: Readonly<Record<DriverErrorCode, ErrorClass>> = {
  unavailable: 'outage',
  forbidden: 'outage',
  rejected: 'data',
  refused: 'outage',
  conflict: 'data',
  absent: 'data',
};

/** The failure of a step about an output. */
export function failedOutput(id: FileId, outcome: Failed): Finding {
  const failure: Failure = { class: CLASS_OF_CODE[outcome.code], reason: outcome.message };
  return onOutput(id, { fact: null, because: outcome.message, failure });
}

/** What a step about one output comes to: the fact, or a failure. */
export function concludeOutput(
  { now }: PassContext,
  id: FileId,
  outcome: Outcome,
  fact: { readonly type: 'output.declared' | 'output.located' | 'output.deleted' },
  because: string,
): readonly Finding[] {
  return [outcome.ok ? onOutput(id, { fact, because, patch: { actedMs: now } }) : failedOutput(id, outcome)];
}
