import { userInfo } from 'node:os';

/** `whoAmI` names who types: the operating system's user, by name where there is one. */
export function whoAmI(): string {
  return process.env.USER || nameOnRecord() || `user ${process.getuid?.() ?? 'unknown'}`;
}

/** The user's name in the system's list; undefined where a container runs under a number without one. */
function nameOnRecord(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
