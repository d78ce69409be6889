/**
 * The process that runs one job of the `local` batch system and outlives
 * whoever started it: `supervisor <folder> <name> <slots> <grace> <cgroups>`.
 *
 * Several may be started for one job; the first runs it and the others leave.
 */
import { pathToFileURL } from 'node:url';
import type { SubmissionName } from '../../../../machines/model.ts';
import type { JobEnd } from '../../../ports/batch-system.ts';
import { processIdentity } from '../../process/identity.ts';
import { declareEnd, endWithout, readOrder, type StartToken } from './job-state.ts';
import { createOnce, exists, ignoring, jobFile, type Place } from './place.ts';
import { advance } from './queue.ts';
import { runJob } from './run-job.ts';

/** Run a job, say how it ended, and start what waits; does nothing when another has the job. */
export async function supervise(place: Place, name: SubmissionName, shutDown: AbortSignal): Promise<void> {
  const by = await processIdentity(process.pid);
  const order = await readOrder(place, name);
  if (!by || !order) return;

  const token: StartToken = { by, purpose: 'run' };
  const mine = await createOnce(place, jobFile(place, name, 'start.json'), token).catch(ignoring('ENOENT'));
  if (!mine) return;
  await declareEnd(place, name, await run());
  await advance(place);

  async function run(): Promise<JobEnd> {
    if (await exists(jobFile(place, name, 'cancel'))) return endWithout('cancelled', null);
    return runJob(place, order as NonNullable<typeof order>, shutDown); // returned above when undefined
  }
}

/** SIGTERM and the like come when the machine goes down: the job gets its grace and its end is written. */
function toldToEnd(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => controller.abort('node shutdown'));
  }
  return controller.signal;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder = '', name = '', slots, graceMs, cgroups] = process.argv.slice(2);
  const place = { folder, slots: Number(slots), graceMs: Number(graceMs), cgroups: cgroups !== 'false' };
  await supervise(place, name, toldToEnd());
}
