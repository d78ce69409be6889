/** A fault of this program: something is on record, or in memory, that none of its code can have put there. */
export class InternalError extends Error {
  override readonly name = 'InternalError';

  /** @param what  what was found, named, in lower case */
  constructor(what: string) {
    super(`${what}; please report`);
  }
}
