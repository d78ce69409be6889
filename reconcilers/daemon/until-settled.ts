/** Rounds until nothing is left to do by itself. */

import type { Daemon } from './daemon.ts';
import { type RoundOptions, type RoundResult, round } from './rounds.ts';

const SHORTEST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/** Quiet rounds in a row after which what only waits is waiting for a person, or for a system that is down. */
const PATIENT_ROUNDS = 6;
const PATIENT_ROUNDS_UNANSWERED = 30;

/** Likewise where files are still being written: about a minute, in which they are looked at again and again. */
const PATIENT_ROUNDS_ARRIVING = 30;

/** How time goes by between rounds. */
export interface RoundPace {
  /** In milliseconds, from anywhere. */
  readonly clock: () => number;
  /** Wait for so many milliseconds. @throws what the signal is aborted with */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Do rounds until every dataset is settled, or nothing moves unless a person does something.
 *
 * @returns what the last round came to
 */
export async function untilSettled(
  daemon: Daemon,
  among: Parameters<typeof round>[1],
  options: RoundOptions,
  { clock, sleep }: RoundPace,
): Promise<RoundResult> {
  let wait = SHORTEST_WAIT_MS;
  let quietRounds = 0;
  // What could not be looked at in the first round is looked at again.
  for (let [first, silent] = [true, true]; ; first = false) {
    const began = clock();
    const result = await round(daemon, among, { ...options, resync: silent });
    const rests = [...result.rests.values()];
    silent = isSilent(result);
    const unanswered = silent || result.reports.some(({ failures }) => failures.length > 0);
    quietRounds = result.quiet && rests.every((rest) => rest.is !== 'moving') ? quietRounds + 1 : 0;
    const atRest = rests.every((rest) => rest.is === 'settled' || rest.is === 'stuck');
    if (result.quiet && result.needsPerson) return result;
    if (quietRounds > 0 && atRest && !first && !unanswered) return result;
    if (quietRounds >= patience(unanswered, result.arriving)) return result;
    const busy = Math.max(SHORTEST_WAIT_MS, clock() - began);
    wait = Math.min(LONGEST_WAIT_MS, result.quiet ? wait * 1.5 : busy);
    await sleep(wait, daemon.signal);
  }
}

function patience(unanswered: boolean, arriving: number): number {
  if (unanswered) return PATIENT_ROUNDS_UNANSWERED;
  return arriving > 0 ? PATIENT_ROUNDS_ARRIVING : PATIENT_ROUNDS;
}

/** Something could not be looked at: what is left to do is not known. */
export function isSilent({ reports, errors }: RoundResult): boolean {
  return errors.length > 0 || reports.some((report) => report.unanswered.size > 0);
}
