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
import type { ProcessIdentity } from '../../process/identity.ts';
import { declareEnd, endWithout, readOrder, type StartToken } from './job-state.ts';
import { createOnce, exists, ignoring, jobFile, type Place } from './place.ts';
import { advance, ownIdentity, type Queue, queueOf, takeFirst } from './queue.ts';
import { runJob } from './run-job.ts';
import { lookAtSlots } from './slots.ts';

/** How long a supervisor goes on with jobs that wait. */
const TAKES_MORE_FOR_MS = 60_000;

/** Run a job and, for a while, those that wait; then start what else can start. */
export async function supervise(place: Place, name: SubmissionName, shutDown: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  const self = await ownIdentity();
  const queue = queueOf(place);
  if (!(await superviseOne(place, name, self, shutDown))) return;
  for (let next: SubmissionName | undefined = name; next !== undefined; ) {
    const goesOn = !shutDown.aborted && performance.now() - startedMs < TAKES_MORE_FOR_MS;
    next = goesOn ? await takeNext(place, queue, self) : undefined;
    // One that was cancelled meanwhile has let its slot go.
    if (next !== undefined) await superviseOne(place, next, self, shutDown);
  }
  await advance(place);
}

/** Run a job and say how it ended. @returns false when it has gone, or another has it */
async function superviseOne(
  place: Place,
  name: SubmissionName,
  by: ProcessIdentity,
  shutDown: AbortSignal,
): Promise<boolean> {
  const order = await readOrder(place, name);
  if (order === undefined || order === 'torn') return false;

  const token: StartToken = { by, purpose: 'run' };
  const start = jobFile(place, name, 'start.json');
  if (!(await createOnce(place, start, token, 'durable').catch(ignoring('ENOENT')))) return false;
  const cancelled = await exists(jobFile(place, name, 'cancel'));
  const end = cancelled ? endWithout('cancelled', null) : await runJob(place, order, shutDown);
  await declareEnd(place, name, end);
  return true;
}

/** Take the slot that has become free for a job that waits; where others are free too, they are filled first. */
async function takeNext(
  place: Place,
  queue: Queue,
  self: ProcessIdentity,
): Promise<SubmissionName | undefined> {
  const slots = await lookAtSlots(place);
  const taken = await takeFirst(place, slots, queue, self);
  if (taken === undefined) return undefined;
  await queue.leave(taken);
  if (slots.free.length > 1 || slots.unstarted.length > 0) await advance(place);
  return taken.name;
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
