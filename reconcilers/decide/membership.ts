/** How an answer about a dataset's members differs from those known. */
export interface MembersSummary {
  readonly known: number;
  readonly answered: number;
  readonly added: number;
  /** Known and not retired, but not in the answer. */
  readonly gone: number;
  /** In both, with another size or event count, where the file is not verified yet. */
  readonly corrected: number;
  /** Likewise, where it is: reported, never changed. */
  readonly contradicted: number;
}

/** Losing more members than this share of those known holds the dataset (specs: `input.refresh`). */
const MOST_GONE_SHARE = 0.01;

/**
 * Whether an answer about members is believed.
 *
 * A definition that was edited by mistake, or a catalog that lost half its
 * index, must not retire a campaign's files. A person who means it says so by
 * changing the spec: the first answer under a new generation is believed.
 */
export function believeMembers(
  summary: MembersSummary,
  underNewGeneration: boolean,
): 'apply' | { readonly hold: string } {
  if (summary.answered === 0) {
    return { hold: 'the input names no files at all; check spec.input and what it asks' };
  }
  if (!underNewGeneration && summary.gone > summary.known * MOST_GONE_SHARE) {
    return {
      hold: `${summary.gone} of ${summary.known} files have left the input (over 1 %); if that is right, commit a change of the spec`,
    };
  }
  return 'apply';
}
