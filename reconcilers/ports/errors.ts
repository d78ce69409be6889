/** What a reconciler can do about a failure of an outside system. */
export type DriverErrorCode =
  /** No answer, or one that cannot be read. Try again later; it says nothing of the thing itself. */
  | 'unavailable'
  /** A person must act: credentials, permissions, configuration. */
  | 'forbidden'
  /** The system answered no to this very request (bad option, invalid metadata). */
  | 'rejected'
  /** The system is full or at a quota: nothing was created, ask again later; no retry is burned. */
  | 'refused'
  /** Something else is already there under this name. */
  | 'conflict'
  /** The thing asked for is not there. */
  | 'absent';

/** A failure of an outside system, in terms a reconciler acts on; a vendor's code goes to `cause`. */
export class DriverError extends Error {
  readonly code: DriverErrorCode;

  constructor(code: DriverErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DriverError';
    this.code = code;
  }
}
