/**
 * Whether files that an input names come from the dataset itself: what it makes is never
 * what it is made of, or it would grow for ever, each time balanced.
 */

import { type FileId, OWN_FOLDER, type StorePath } from '../../../machines/model.ts';
import type { Descent } from '../../model/members.ts';

/** What becomes of a file that an input names. */
export type Origin =
  /** It comes from elsewhere, or from another dataset that has nothing of this one. */
  | { readonly is: 'foreign'; readonly madeFrom: FileId | null }
  | { readonly is: 'own output' }
  /** The datasets of the ring, from this one back to it. */
  | { readonly is: 'ring'; readonly ring: readonly string[] };

/** Judge one file. @param descent  undefined: no dataset of ours has made it */
export function originOf(own: string, descent: Descent | undefined): Origin {
  if (descent === undefined) return { is: 'foreign', madeFrom: null };
  const { through, madeFrom } = descent;
  const at = through.indexOf(own);
  if (at === 0) return { is: 'own output' };
  if (at < 0) return { is: 'foreign', madeFrom };
  return { is: 'ring', ring: [own, ...through.slice(0, at + 1)].toReversed() };
}

/** What is told of a ring. */
export function ringProblem(names: readonly string[], ring: readonly string[]): string {
  const files = names.length === 1 ? `${names[0]} is` : `${names.length} files, like ${names[0]}, are`;
  return (
    `${files} made from files of this dataset (${ring.join(' → ')}) and not taken, or it would never end; ` +
    'let spec.input name only what comes from elsewhere'
  );
}

/** Whether a path lies below a folder of ours in a store: attempts and what is in quarantine are nobody's input. */
export function isOfOurs(path: StorePath): boolean {
  return path.split('/').includes(OWN_FOLDER);
}
