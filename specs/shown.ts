/** A value of a spec as part of a sentence: whatever it is, and however long. */
export function shown(value: unknown): string {
  const text = wordOf(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** A value of a spec as text; lists and maps, which may hold fields such as `toString`, as their kind. */
export function wordOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a map' : String(value);
}
