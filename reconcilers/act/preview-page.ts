/** In a dry run: a page as it would be once an answer about members was taken. */

import type { Member } from '../model/records.ts';
import type { InputRow, Page } from '../model/rows.ts';

/** What an answer about members would change. */
export interface Answered {
  readonly added: readonly InputRow[];
  /** The answer by name. */
  readonly named: ReadonlyMap<string, Member>;
  /** Members it does not name stay. */
  readonly onlyGrows: boolean;
  /** What it says of sizes is taken at once; false where a file must first settle. */
  readonly corrects: boolean;
  readonly inputStore: string;
}

/** States in which the catalog may still correct what is known of a member. */
const CORRECTABLE = new Set<InputRow['state']>(['pending', 'transferred', 'error']);

/** A page as it would be: corrected, followed to where its files are, and retired where they are no longer named. */
export function asAnswered(page: Page, answer: Answered | undefined): Page {
  if (answer === undefined) return page;
  const live = new Set(page.attempts.map(({ fileId }) => fileId));
  const inputs = page.inputs.map((input): InputRow => {
    const member = answer.named.get(input.name);
    if (member === undefined) {
      return answer.onlyGrows ? input : { ...input, retiredMs: input.retiredMs ?? 0 };
    }
    const known = answer.onlyGrows ? input : { ...input, retiredMs: null };
    const corrected = answer.corrects && CORRECTABLE.has(input.state) ? correctedBy(known, member) : known;
    return live.has(input.id) ? corrected : followed(corrected, member, answer.inputStore);
  });
  return { ...page, inputs };
}

function correctedBy(input: InputRow, { sizeBytes, eventCount, checksum }: Member): InputRow {
  const isOther = sizeBytes !== null && input.sizeBytes !== null && sizeBytes !== input.sizeBytes;
  return {
    ...input,
    sizeBytes: sizeBytes ?? input.sizeBytes,
    eventCount: eventCount ?? (isOther ? null : input.eventCount),
    checksum: checksum ?? (isOther ? null : input.checksum),
  };
}

function followed(input: InputRow, { sourceStore, sourcePath }: Member, inputStore: string): InputRow {
  if (sourceStore === null || sourcePath === null) return input;
  const { state, phase, fault, copyPath } = input;
  const failed = state === 'error' && (phase === 'transfer' || phase === 'verify');
  const unbrought = state === 'pending' || (failed && !(fault === 'catalog' && copyPath !== null));
  const isReplica = copyPath !== null && input.sourceStore !== inputStore && sourceStore !== inputStore;
  return unbrought || isReplica ? { ...input, sourceStore, sourcePath } : input;
}
