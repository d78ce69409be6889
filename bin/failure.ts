/** The user's mistake: exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Exit codes, as the README has them. */
export const EXIT = { settled: 0, failure: 1, mistake: 2, workRemains: 3 } as const;
