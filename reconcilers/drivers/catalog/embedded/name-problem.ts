/** An index entry of PostgreSQL holds some 2,700 bytes; no file system has names this long. */
const LONGEST_NAME_BYTES = 1_024;

/** Whether PostgreSQL can keep a text: no NUL, no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}

/** What is wrong with a file's name, as the end of a sentence; null for a good one. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'is empty';
  if (!isStorable(name)) return 'has a NUL or half of a surrogate pair in it';
  return Buffer.byteLength(name) > LONGEST_NAME_BYTES ? `is longer than ${LONGEST_NAME_BYTES} bytes` : null;
}

/** What is wrong with a location, as the end of a sentence; null for a good one. */
export function locationProblem(location: string): string | null {
  if (!/^[^:]+:./s.test(location)) return 'is not of the form <store>:<path>';
  return isStorable(location) ? null : 'has a NUL or half of a surrogate pair in it';
}
