/** The embedded database cannot be used; the message says why and what to do about it. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}

/** The way out that every refusal offers. */
export const SET_DATABASE_URL = 'set DATABASE_URL to a PostgreSQL database of your own';

/**
 * Whether a caught error is the system's answer with one of these codes.
 *
 * @param codes  such as `ENOENT`, or an SQLSTATE such as `57P03`
 */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
