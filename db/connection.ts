/** What is wrong with an address of a PostgreSQL, as far as its text tells. */
import pg from 'pg';

/** Why no PostgreSQL can be reached by a URL, as the end of a sentence about it; null where one might be. */
export function connectionProblem(url: string): string | null {
  if (!/^(postgres(ql)?:\/\/|socket:|\/)/.test(url)) return 'is no address of a PostgreSQL';
  try {
    // It reads the address and connects to nothing.
    const { port } = new pg.Client(url);
    return Number.isInteger(port) && port > 0 && port < 65_536 ? null : 'names no port that there can be';
  } catch {
    return 'cannot be read as an address of a PostgreSQL';
  }
}
