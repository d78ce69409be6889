import { systemCode } from '../store/faults.ts';

/**
 * Send a signal to a process, or to a group by its leader's negative number.
 *
 * A process that has ended is as good as reached.
 *
 * @param alsoIgnored  further codes of the system that are no error to the caller: with `EPERM`
 *   a process that has changed its user is left to whoever waits for its end
 */
export function sendSignal(pid: number, signal: NodeJS.Signals, ...alsoIgnored: readonly 'EPERM'[]): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ESRCH' && !alsoIgnored.some((ignored) => ignored === code)) throw error;
  }
}
