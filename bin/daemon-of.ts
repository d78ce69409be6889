/** The daemon of a command that works on datasets. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from '../reconcilers/daemon/daemon.ts';
import type { RoundPace } from '../reconcilers/daemon/until-settled.ts';
import { progressLine } from './print/progress.ts';
import { complain } from './print/wrap.ts';
import type { Session } from './session.ts';

/** What tells of passes and of answers about members; by default nobody. */
type Reporter = Partial<Pick<Daemon, 'onPass' | 'onMembers' | 'onProblem'>>;

/** A daemon over a session. */
export function daemonOf(session: Session, signal: AbortSignal, reporter: Reporter): Daemon {
  return {
    records: session.records,
    siteOf: session.siteOf,
    manifest: session.manifest,
    signal,
    pause: (ms, why) => pauseHere(ms, why, signal),
    onPass: () => {},
    onMembers: () => {},
    onProblem: (about, error) => complain(`${about}: ${error.message}`),
    ...reporter,
  };
}

/** Wait so long, with a line on a terminal that counts down. */
async function pauseHere(ms: number, why: string, signal: AbortSignal): Promise<void> {
  const line = progressLine(process.stderr, () => performance.now());
  const end = performance.now() + ms;
  try {
    for (let left = ms; left > 0; left = end - performance.now()) {
      line.show(`${why} (${Math.ceil(left / 1000)} s)`);
      await sleep(Math.min(left + 1, 1_000), undefined, { signal });
    }
  } finally {
    line.end();
  }
}

/** The time between rounds, as it goes by on this machine; a wait is ended by its signal. */
export const roundPace: RoundPace = {
  clock: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};
