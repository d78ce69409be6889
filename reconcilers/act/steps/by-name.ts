import type { Outcome } from '../../ports/seen.ts';

/** What a catalog said of each of these, in their order. */
export function outcomesByName(
  asked: readonly { readonly name: string }[],
  answer: ReadonlyMap<string, Outcome>,
): readonly Outcome[] {
  return asked.map(({ name }) => answer.get(name) ?? UNANSWERED);
}

const UNANSWERED: Outcome = {
  ok: false,
  code: 'unavailable',
  message: 'the catalog’s answer does not name this file',
};
