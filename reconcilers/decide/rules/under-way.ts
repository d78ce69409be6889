/** What a file waits for whose job or transfer is in motion. */
import type { LiveWork } from '../../model/live-work.ts';
import { type Stop, stop } from '../../model/stops.ts';

/**
 * The stop of a file in motion. Once people were told that nothing is known of its work, their
 * word is awaited.
 *
 * @param isKnown  whether its system has just said how the work is
 */
export function underWayStop(
  code: 'job.underWay' | 'transfer.underWay',
  { job, submission }: LiveWork,
  text: string,
  isKnown: boolean,
): Stop {
  const isSilent = !isKnown && job.silentTold;
  return isSilent ? stop('work.silent', text, job.silentMs) : stop(code, text, submission.intendedMs);
}
