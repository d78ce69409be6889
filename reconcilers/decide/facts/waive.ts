/** What a person's waiver means for an input, by where it stands. */
import type { FileFact, FileId, WaiverKind } from '../../../machines/model.ts';
import { type Finding, onInput } from '../../model/findings.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';
import type { WaiverWord } from '../../model/waivers.ts';
import { NO_TROUBLE } from '../judge/failures.ts';

/** An input that was named, with what its accepted result is known to have read. */
export interface Waivable {
  readonly input: InputRow;
  /** Its outputs that count. */
  readonly outputs: readonly OutputRow[];
  /** Events that the attempt behind those outputs read or skipped; null: there is none. */
  readonly accounted: number | null;
}

export type Waiver =
  | {
      readonly is: 'waived';
      readonly kind: WaiverKind;
      readonly events: number | null;
      readonly fact: FileFact;
    }
  /** An entry stands already. */
  | { readonly is: 'stands' }
  /** There is nothing to waive. */
  | { readonly is: 'nothing'; readonly why: string };

/** What is waived of an input. @param keys  of the outputs that the spec asks for. @param revision  and the revision it is in */
export function waiverOf(
  { input, outputs, accounted }: Waivable,
  { keys, revision }: { readonly keys: readonly string[]; readonly revision: string },
): Waiver {
  if (input.waiverId !== null) return { is: 'stands' };
  if (input.retiredMs !== null) return { is: 'nothing', why: 'retired: it is kept out of the ledger' };
  const missing = input.eventCount === null ? null : input.eventCount - (accounted ?? 0);
  const difference = { kind: 'difference', events: missing, fact: { type: 'difference.waived' } } as const;
  if (input.state === 'error') {
    // A job whose counts differ is judged before its outputs count: only what was accepted before can be all there.
    const counts = (key: string) =>
      outputs.some((one) => one.key === key && one.revision === revision && COUNTING.has(one.state));
    if (input.phase === 'process' && accounted !== null && keys.length > 0 && keys.every(counts)) {
      return { is: 'waived', ...difference };
    }
    return { is: 'waived', kind: 'input', events: input.eventCount, fact: { type: 'input.waived' } };
  }
  if (input.state !== 'done' && input.state !== 'copied') {
    return { is: 'nothing', why: `${input.state}: it has not failed` };
  }
  if (missing === null || missing === 0)
    return { is: 'nothing', why: `${input.state}, with every event accounted for` };
  return { is: 'waived', ...difference };
}

const COUNTING: ReadonlySet<OutputRow['state']> = new Set([
  'promoted',
  'declared',
  'located',
  'copied',
  'deleted',
]);

/** What is written about an input that was waived. @param waiverId  the number of its entry; null: the one that stands */
export function waiverFindings(
  { input, outputs }: Waivable,
  waiver: Waiver,
  waiverId: number | null,
  { by, because, named }: WaiverWord,
): readonly Finding[] {
  const { id } = input;
  const text = `waived by ${by} (${named}): ${because}`;
  // It is not tried again by itself any more: a person has said that this is its end.
  const rests = { retryAtMs: null };
  if (waiver.is === 'nothing') return [];
  if (waiver.is === 'stands')
    return input.retryAtMs === null ? [] : [finding(id, rests, text), sign(id, text)];
  const patch = { ...rests, waiverId };
  if (waiver.fact.type !== 'difference.waived') return [finding(id, patch, text), sign(id, text)];
  if (input.state !== 'error')
    return [finding(id, patch, text), { ...sign(id, text), fact: waiver.fact.type }];
  const [first] = outputs;
  const done = first && { revision: first.revision, acceptedAttempt: first.attemptId };
  return [onInput(id, { fact: waiver.fact, because: text, patch: { ...NO_TROUBLE, ...patch, ...done } })];
}

function finding(id: FileId, patch: Partial<InputRow>, because: string): Finding {
  return onInput(id, { fact: { type: 'input.waived' }, because, patch });
}

function sign(id: FileId, because: string): Finding<'signature'> {
  return { on: 'signature', id, fact: 'input.waived', because };
}
