/** The user's mistake: exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Exit codes, as the README has them. */
export const EXIT = { settled: 0, failure: 1, mistake: 2, workRemains: 3 } as const;

/** Whether an error says that PostgreSQL is gone for now, rather than that something is wrong with us. */
export function isDatabaseDown(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(ECONN|ENOENT|EPIPE|57P|08)/.test(code)) return true;
  return /connection (?:was )?(?:terminated|ended|closed)|Connection terminated|acquiring a connection/i.test(
    String(error),
  );
}
