/**
 * The candidate somebody most likely meant, or undefined when none is near.
 *
 * Near is at most one slip for every three letters, at least one: a letter too many,
 * too few, wrong, or two neighbours swapped. Case does not count.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  // A name this long is no slip of the pen, and the comparison is quadratic.
  if (word.length > 80) return undefined;

  const slips = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let least = slips + 1;
  for (const candidate of candidates) {
    const distance = slipsBetween(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** The end of a sentence about an unknown word: what was meant, or else what there is. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  if (meant !== undefined) return `did you mean ${meant}?`;
  if (candidates.length === 0) return 'there is none';
  return `there ${candidates.length === 1 ? 'is only' : 'are'} ${candidates.join(', ')}`;
}

/** Edits (with swaps of neighbours) that turn one word into the other. */
function slipsBetween(a: string, b: string): number {
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(old, column) + 1,
        at(current, column - 1) + 1,
        at(old, column - 1) + (same ? 0 : 1),
        swapped ? at(older, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [older, old] = [old, current];
  }
  return at(old, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
