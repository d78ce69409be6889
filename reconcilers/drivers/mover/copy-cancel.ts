import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DriverError } from '../../ports/errors.ts';
import { isAlive, lookAtProcess, pidOf } from '../process/identity.ts';
import { sendSignal } from '../process/send-signal.ts';
import { endTransfer, GONE, readEnd, readTicket, readWorker } from './copy-folder.ts';
import { lookAtTransfer } from './copy-look.ts';

/** A worker that SIGKILL does not end within this long waits for a disk or a network. */
const KILL_PATIENCE_MS = 15_000;

/**
 * End a transfer that still runs, by its folder; one that is gone or over is left.
 *
 * @throws DriverError `unavailable` when its worker cannot be ended from here: it would write on
 */
export async function cancelTransfer(folder: string, patienceMs = KILL_PATIENCE_MS): Promise<void> {
  if (!(await readTicket(folder)) || (await readEnd(folder))) return;

  const worker = await readWorker(folder);
  if (worker !== undefined && worker !== GONE) await endWorker(folder, worker, patienceMs);
  await endTransfer(folder, 'cancelled');
}

/** End a transfer whose worker cannot be seen from here, on a person's word; others are left. */
export async function settleTransfer(folder: string): Promise<void> {
  const look = await lookAtTransfer(folder, true).catch(unseen);
  if (look === 'unseen') await endTransfer(folder, 'interrupted');
}

function unseen(error: unknown): 'unseen' {
  if (error instanceof DriverError && error.code === 'unavailable') return 'unseen';
  throw error;
}

async function endWorker(folder: string, worker: string, patienceMs: number): Promise<void> {
  const look = await lookAtProcess(worker);
  if (look.is === 'unknown') {
    const reason = `its worker cannot be ended from here: ${look.why}`;
    throw new DriverError('unavailable', `transfer ${basename(folder)}: ${reason}`);
  }
  if (look.is === 'ended') return;
  // It leads a group of its own.
  sendSignal(-pidOf(worker), 'SIGKILL');
  const giveUp = performance.now() + patienceMs;
  while ((await isAlive(worker)) !== false) {
    if (performance.now() > giveUp) {
      const reason = 'its worker does not end: it may wait for a disk or a network, and write on after that';
      throw new DriverError('unavailable', `transfer ${basename(folder)}: ${reason}`);
    }
    await delay(20);
  }
}
