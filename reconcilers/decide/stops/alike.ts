/** Failures of file after file that hold a dataset: the software is at fault, not the files. */
import type { AlikeFailures, Totals } from '../../model/totals.ts';

/** So many files failed alike that it is not theirs; where nobody knows a class, on as many nodes. */
const ALIKE = 3;

/** `heldAlike` names the failures for which a dataset gets no more jobs; undefined where there are none. */
export function heldAlike({
  trouble,
  inputs,
}: Pick<Totals, 'trouble' | 'inputs'>): AlikeFailures | undefined {
  const nothingWentWell = inputs.done + inputs.copied === 0;
  return trouble.alike.find((failures) => holds(failures, nothingWentWell));
}

/**
 * Suspect failures are called `software` once they are the software's, and not a node's. Of a
 * dataset in which nothing went well so far they hold the first files; else only a file after
 * file, since one that fails alone is a bad file.
 */
function holds({ suspect, classes, files, onNodes }: AlikeFailures, nothingWentWell: boolean): boolean {
  if (suspect) return classes.includes('software') && (nothingWentWell || files >= ALIKE);
  return files >= ALIKE && (classes.every((one) => one === 'software') || onNodes >= ALIKE);
}
