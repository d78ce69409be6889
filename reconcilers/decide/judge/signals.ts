/** Which signal ended a command. */
import type { ReportedFile } from '../../ports/spool.ts';

/** Signals by which the system ends what has passed a limit. */
export const LIMIT_SIGNALS: ReadonlySet<string> = new Set(['SIGXCPU', 'SIGXFSZ']);

/** Signals sent to a job from outside rather than raised by its own fault. */
export const OUTSIDE_SIGNALS: ReadonlySet<string> = new Set([
  'SIGKILL',
  'SIGTERM',
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
]);

/** `saysWhy` tells whether what a command printed last may say why it was ended: of what came from outside it knows nothing. */
export function saysWhy(signal: string): boolean {
  return !LIMIT_SIGNALS.has(signal) && !OUTSIDE_SIGNALS.has(signal);
}

/** The signals by their numbers on Linux. */
const NAMES = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT ' +
  'CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');

/**
 * `signalOf` names the signal that ended a job's command; null where none did.
 *
 * A job says so. One that an older program submitted does not: then it is taken from the exit
 * code, as shells have it, 128 and the signal's number. A command that exits with such a
 * code by itself cannot be told apart from one that was killed, there and here.
 */
export function signalOf(report: ReportedFile | undefined, exitCode: number | null): string | null {
  if (report?.signal !== undefined) return report.signal;
  const name = NAMES[(exitCode ?? 0) - 129];
  return name === undefined ? null : `SIG${name}`;
}
