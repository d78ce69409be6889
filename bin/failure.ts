/** The user's mistake: exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** No PostgreSQL answers at the address it should be at. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Exit codes, as the README has them. */
export const EXIT = { settled: 0, failure: 1, mistake: 2, workRemains: 3 } as const;

/** Whether an error says that PostgreSQL is gone for now, rather than that something is wrong with us. */
export function isDatabaseDown(error: unknown): boolean {
  if (error instanceof Unreachable) return true;
  const of = (field: 'code' | 'syscall') => (error instanceof Error ? String(Reflect.get(error, field)) : '');
  const code = of('code');
  if (/^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|57P|08)/.test(code)) return true;
  // A socket that is not there; any other file that is missing is something else.
  if (code === 'ENOENT' && of('syscall') === 'connect') return true;
  return /connection (?:was )?(?:terminated|ended|closed)|Connection terminated|acquiring a connection/i.test(
    String(error),
  );
}
