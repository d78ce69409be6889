import { DriverError, type DriverErrorCode } from '../../../ports/errors.ts';

/** SQLSTATE, by its beginning, where it is not `unavailable`. */
const CODES: readonly (readonly [start: string, code: DriverErrorCode])[] = [
  // Data exceptions and broken constraints: this very request.
  ['22', 'rejected'],
  ['23', 'rejected'],
  // Credentials, a missing database, missing privileges, a server that only reads.
  ['28', 'forbidden'],
  ['3D', 'forbidden'],
  ['42501', 'forbidden'],
  ['25006', 'forbidden'],
];

function stateOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * A failure of PostgreSQL in the words of the port; a DriverError stays as it is.
 *
 * What has no better name is `unavailable`: it says nothing of the things asked for.
 */
export function driverErrorOf(error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  const state = stateOf(error);
  const code = CODES.find(([start]) => state.startsWith(start))?.[1] ?? 'unavailable';
  // A refused connection to a name with several addresses has its reasons inside.
  const inner = error instanceof AggregateError ? error.errors.map(String).join(', ') : '';
  const reason = (error instanceof Error ? error.message : String(error)) || inner || state;
  return new DriverError(code, `embedded catalog: ${reason}`, { cause: error });
}
