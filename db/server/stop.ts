import { setTimeout as sleep } from 'node:timers/promises';
import { ServerError } from './errors.ts';
import type { PidFile } from './pid-file.ts';
import { readPidFile } from './pid-file.ts';
import type { Place } from './place.ts';
import { processStart, roleOf, signalProcess } from './processes.ts';
import { removeSocket } from './socket.ts';

/** For the checkpoint of a busy server on a busy disk. */
const FAST_PATIENCE_MS = 120_000;
const IMMEDIATE_PATIENCE_MS = 60_000;
const POLL_MS = 20;

/**
 * Stop the server of a data folder and wait for its end; call it under the start lock.
 *
 * First by a fast shutdown, which ends sessions and writes a checkpoint, then by an immediate one, which
 * leaves recovery to the next start. The signals are those of pg_ctl, which does not run as root.
 *
 * @param how  `immediate` goes without the first, for data that nobody wants any more
 * @returns whether there was a server to stop
 * @throws ServerError when it survives both
 */
export async function endServer(
  place: Place,
  how: 'fast' | 'immediate',
  signal: AbortSignal,
): Promise<boolean> {
  const file = await readPidFile(place.data);
  if (file === undefined || (await roleOf(file.pid, place.data)) !== 'postmaster') return false;

  const start = await processStart(file.pid);
  const gone = async (): Promise<boolean> => start === undefined || (await processStart(file.pid)) !== start;
  const fast = how === 'fast';
  if (!fast || !(await endedBy('SIGINT', file, gone, FAST_PATIENCE_MS, signal))) {
    if (!(await endedBy('SIGQUIT', file, gone, IMMEDIATE_PATIENCE_MS, signal))) {
      throw new ServerError(`the server of ${place.data} does not stop: end process ${file.pid} yourself`);
    }
  }
  await removeSocket(place, file.socketDir);
  return true;
}

async function endedBy(
  how: NodeJS.Signals,
  file: PidFile,
  gone: () => Promise<boolean>,
  patienceMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const giveUp = Date.now() + patienceMs;
  if (!(await gone())) signalProcess(file.pid, how);
  while (Date.now() < giveUp) {
    if (await gone()) return true;
    await sleep(POLL_MS, undefined, { signal });
  }
  return false;
}
