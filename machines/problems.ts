/** The kinds of open problems that say something of a dataset's rest. */

/**
 * `UNSETTLING_PROBLEMS` are the kinds of problems of which one that is open keeps a
 * dataset from being settled, whatever its files' states and its ledger say: what is
 * on record and what is seen outside contradict each other, and a person must look.
 */
export const UNSETTLING_PROBLEMS: readonly string[] = ['catalog contradicts', 'run unknown'];
