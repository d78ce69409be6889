/**
 * The process that runs a job of the `local` batch system and outlives whoever
 * started it: `supervisor <folder> <name> <slots> <grace> <cgroups>`.
 *
 * Several may be started for one job; the first runs it and the others leave. In
 * the first minute of its life it goes on with the jobs that wait, one after the
 * other: to start a process like this one for each takes longer than most short
 * jobs. Afterwards a new one is started for each, so that a program or an option
 * that has changed meanwhile counts soon.
 */
import { pathToFileURL } from 'node:url';
import type { SubmissionName } from '../../../../machines/model.ts';
import type { JobEnd } from '../../../ports/batch-system.ts';
import type { ProcessIdentity } from '../../process/identity.ts';
import { declareEnd, endWithout, readOrder, type StartToken } from './job-state.ts';
import { createOnce, exists, ignoring, jobFile, type Place } from './place.ts';
import { advance, ownIdentity, queueOf, takeOver } from './queue.ts';
import { runJob } from './run-job.ts';
import { type Turn, turnOf } from './slots.ts';

/** A job and its slot, where that is known. */
interface Running {
  readonly name: SubmissionName;
  readonly turn: Turn | undefined;
}

/** How long a supervisor goes on with jobs that wait. */
const TAKES_MORE_FOR_MS = 60_000;

/** Run a job and, for a while, those that wait; then start what else can start. */
export async function supervise(place: Place, name: SubmissionName, shutDown: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  const self = await ownIdentity();
  const queue = queueOf(place);
  const goesOn = () => !shutDown.aborted && performance.now() - startedMs < TAKES_MORE_FOR_MS;
  let now: Running | undefined = { name, turn: await turnOf(place, name) };
  while (now !== undefined) {
    const { name: job, turn }: Running = now;
    const end = await endOf(place, job, self, shutDown);
    if (end === undefined) break;
    // Before the end is said: until then the slot is ours, and nobody need start another process for it.
    now = turn !== undefined && goesOn() ? await takeOver(place, turn, queue, self) : undefined;
    await declareEnd(place, job, end);
  }
  await advance(place);
}

/** Run a job to its end. @returns undefined when it has gone, or another has it */
async function endOf(
  place: Place,
  name: SubmissionName,
  by: ProcessIdentity,
  shutDown: AbortSignal,
): Promise<JobEnd | undefined> {
  const order = await readOrder(place, name);
  if (order === undefined || order === 'torn') return undefined;

  const token: StartToken = { by, purpose: 'run' };
  const start = jobFile(place, name, 'start.json');
  if (!(await createOnce(place, start, token, 'durable').catch(ignoring('ENOENT')))) return undefined;
  const cancelled = await exists(jobFile(place, name, 'cancel'));
  return cancelled ? endWithout('cancelled', null) : runJob(place, order, shutDown);
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
