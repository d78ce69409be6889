import { setMaxListeners } from 'node:events';
import { DriverError, type DriverErrorCode } from '../../ports/errors.ts';

/** What the operating system's error codes mean for a reconciler; all others: unavailable. */
const MEANINGS: Readonly<Record<string, DriverErrorCode>> = {
  ENOENT: 'absent',
  ENOTDIR: 'absent',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  EROFS: 'forbidden',
  EEXIST: 'conflict',
  ENOSPC: 'refused',
  EDQUOT: 'refused',
  ENAMETOOLONG: 'rejected',
  EINVAL: 'rejected',
  EISDIR: 'conflict',
};

/** The operating system's code in an error (`ENOENT`); undefined when it is of another kind. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  // Node's own mistakes are `ERR_…`: those are the program's.
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/** Whether an error says that there is nothing under the name. */
export function saysAbsent(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/**
 * An error of the file system in a reconciler's terms.
 *
 * @param what  begins the message, as in `store disk`
 * @returns the error itself when it is a DriverError already, or one of the program's own
 */
export function driverError(what: string, error: unknown): unknown {
  const code = systemCode(error);
  if (error instanceof DriverError || code === undefined || !(error instanceof Error)) return error;
  return new DriverError(MEANINGS[code] ?? 'unavailable', `${what}: ${error.message}`, { cause: error });
}

/**
 * Wait for a call until it ends or its signal is given.
 *
 * A folder of a dead server can hold a system call for ever, and nothing can
 * interrupt it; only the waiting ends.
 *
 * @throws DriverError, by `driverError`; `unavailable` when the signal was given
 */
export async function answer<T>(what: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  let giveUp: (() => void) | undefined;
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason);
    // A pass makes many calls at once under one signal; that is no leak to be warned of.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([call(), givenUp]);
  } catch (error) {
    if (signal.aborted && !(error instanceof DriverError)) {
      throw new DriverError('unavailable', `${what}: no answer in time`, { cause: error });
    }
    throw driverError(what, error);
  } finally {
    if (giveUp) signal.removeEventListener('abort', giveUp);
  }
}
