import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SubmissionName } from '../../../../machines/model.ts';
import { lookAtProcess, processIdentity } from '../../process/identity.ts';
import { declareEnd, endProcesses, endWithout, type StartToken, settle, unreadable } from './job-state.ts';
import { createOnce, ignoring, jobFile, jobFolder, makerOf, type Place, prepared } from './place.ts';

/** Older preparations belong to nobody: every call gives up long before. */
const LEFT_BEHIND_MS = 3_600_000;

/**
 * Ask for the end of a job that waits or runs. A waiting one has ended when this
 * returns; a running one gets SIGTERM and, after the grace, SIGKILL from its supervisor.
 */
export async function cancelJob(place: Place, name: SubmissionName): Promise<void> {
  const job = await settle(place, name);
  if (job.state === 'ended' || job.state === 'absent') return;

  const by = (await processIdentity(process.pid)) ?? '';
  await createOnce(place, jobFile(place, name, 'cancel'), { by }, 'plain');
  // Whoever holds the start token decides; with it, no supervisor can start the job any more.
  const token: StartToken = { by, purpose: 'cancel' };
  if (await createOnce(place, jobFile(place, name, 'start.json'), token, 'durable')) {
    await declareEnd(place, name, { ...endWithout('cancelled', null), node: null });
  }
}

/** End a job of which nothing can be said, on a person's word; what of it is seen here is killed, its slot is free. */
export async function endByWord(place: Place, name: SubmissionName): Promise<void> {
  if ((await settle(place, name).catch(unreadable)).state !== 'unknown') return;
  if (!(await endProcesses(place, name))) return;
  await declareEnd(place, name, { ...endWithout('settled', null), node: null }, 'durable');
}

/** Delete what is kept of a job that has ended; others are left. */
export async function forgetJob(place: Place, name: SubmissionName): Promise<void> {
  if ((await settle(place, name)).state !== 'ended') return;
  // Gone in one instant: nobody sees a job with half its files.
  const gone = await prepared(place);
  await rename(jobFolder(place, name), gone).catch(ignoring('ENOENT'));
  await rm(gone, { recursive: true, force: true });
}

/** Delete what processes that have ended, or calls that were given up, left in preparation. */
export async function sweep(place: Place): Promise<void> {
  const folder = join(place.folder, 'tmp');
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const ended = (await lookAtProcess(makerOf(name))).is === 'ended';
    const made = ended ? undefined : await stat(path).catch(ignoring('ENOENT'));
    const old = made !== undefined && Date.now() - made.mtimeMs > LEFT_BEHIND_MS;
    if (ended || old) await rm(path, { recursive: true, force: true });
  }
}
