import type { StorePath } from '../../../machines/model.ts';

/** A glob, or one of the alternatives in its braces, begins with a dot that is no `.` or `..`. */
const NAMES_HIDDEN = /(^|[{,(|])\.(?!\.?$)/;

/**
 * Whether a glob that matches a path means it: wildcards stand for no names that begin
 * with a dot, as in a shell.
 *
 * Programs that bring files give them such names until they are whole (rsync: `.a.raw.Xy12Zw`).
 * A glob that writes the dot itself means them, in the folders and in the file's name apart.
 */
export function takesHidden(glob: string, path: StorePath): boolean {
  const asked = glob.split('/');
  const names = path.split('/');
  const hides = (parts: readonly string[]) => parts.some((part) => part.startsWith('.'));
  const means = (parts: readonly string[]) => parts.some((part) => NAMES_HIDDEN.test(part));
  if (hides(names.slice(-1)) && !means(asked.slice(-1))) return false;
  return !hides(names.slice(0, -1)) || means(asked.slice(0, -1));
}
