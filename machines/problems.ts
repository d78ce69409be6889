/** The kinds of open problems that say something of a dataset's rest. */

/** `PLACE_TAKEN`: the place in which a file's output is to lie belongs to another file. */
export const PLACE_TAKEN = 'place taken';

/** `NAME_REFUSED`: no file can have the name that an output is to have. */
export const NAME_REFUSED = 'name refused';

/** `KEPT`: what is to be deleted or put away is another file's too. */
export const KEPT = 'kept for another file';

/** `FEEDS_ITSELF`: part of a dataset's input is made from the dataset's own files. */
export const FEEDS_ITSELF = 'feeds itself';

/** `CATALOG_CONTRADICTS`: what names a file says something else of it than it was verified with. */
export const CATALOG_CONTRADICTS = 'catalog contradicts';

/** `SOURCE_CONTRADICTS`: a file that lies in place is no longer as it was verified. */
export const SOURCE_CONTRADICTS = 'source contradicts';

/** `FOREIGN_MARKER`: a store or the spool belongs to another installation, or to a later day of this one, or has lost its marker. */
export const FOREIGN_MARKER = 'foreign marker';

/** `MEMBERS_UNREAD`: what names the dataset's files did not answer when it was asked last. */
export const MEMBERS_UNREAD = 'members unread';

/** `WAITING_PROBLEMS` are those for whose end an input waits before a job is begun for it. */
export const WAITING_PROBLEMS: readonly string[] = [PLACE_TAKEN, NAME_REFUSED];

/**
 * `UNSETTLING_PROBLEMS` are the kinds of problems of which one that is open keeps a
 * dataset from being settled, whatever its files' states and its ledger say: what is
 * on record and what is seen outside contradict each other, and a person must look.
 */
export const UNSETTLING_PROBLEMS: readonly string[] = [
  CATALOG_CONTRADICTS,
  SOURCE_CONTRADICTS,
  'run unknown',
  'silent',
  FEEDS_ITSELF,
  FOREIGN_MARKER,
  ...WAITING_PROBLEMS,
];

/** A replica that may go could not be removed from its store. */
export const NOT_RELEASED = 'replica not released';
