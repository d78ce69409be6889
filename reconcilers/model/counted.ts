/** Counts and what is counted, so that no sentence says "1 files are". */

/** A count with its noun: `1 file`, `2 files`, `0 copies`. @param noun  in the singular */
export function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : pluralOf(noun)}`;
}

/** The form of a verb, or of another word, that agrees with a count. */
export function agreeing(count: number, one: string, several: string): string {
  return count === 1 ? one : several;
}

function pluralOf(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
