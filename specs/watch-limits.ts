/** What sets the limits of the system at which it watches no more, by the code of its error. */
const LIMITS: Readonly<Record<string, string>> = {
  ENOSPC: 'raise fs.inotify.max_user_watches (sysctl fs.inotify.max_user_watches=524288)',
  EMFILE: 'raise fs.inotify.max_user_instances (sysctl) or the limit of open files (ulimit -n)',
  ENFILE: 'raise fs.file-max (sysctl)',
};

/**
 * What to tell of a limit of the system; undefined for any other error.
 *
 * @param seconds  how often changes are looked for without the system's events
 */
export function limitReached(error: unknown, seconds: number): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const way = Object.hasOwn(LIMITS, code) ? LIMITS[code] : undefined;
  if (way === undefined) return undefined;
  const instead = `changes of specs are looked for every ${seconds} s instead`;
  const fewer = 'or keep specs in a folder with fewer others';
  return `the system lets this user watch no more files (${code}): ${instead}; ${way}, ${fewer}`;
}
