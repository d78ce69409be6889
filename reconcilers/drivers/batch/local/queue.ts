import { readdir, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import type { SubmissionName } from '../../../../machines/model.ts';
import { moduleBeside, startDetached } from '../../process/detach.ts';
import { type ProcessIdentity, processIdentity } from '../../process/identity.ts';
import { exists, jobFile, jobFolder, type Place, removeFile } from './place.ts';
import { hasTurn, lookAtSlots, noteStart, type Slots, type Turn, takeSlot } from './slots.ts';

/** One job that waits. */
interface Waiting {
  readonly entry: string;
  readonly name: SubmissionName;
}

/** The number of the last entry this process has made: two in one instant keep their order. */
let lastNumber = 0;

/**
 * Put a job at the end of the queue. Repeatable: a job that stands in the queue
 * twice is started once, and one that does not wait is taken out by `advance`.
 */
export async function enqueue(place: Place, name: SubmissionName): Promise<void> {
  // A time in microseconds: to count the entries would read all of them for each.
  lastNumber = Math.max(lastNumber + 1, Date.now() * 1000);
  // The name says all: an entry cannot be seen half written.
  await writeFile(join(place.folder, 'queue', `${String(lastNumber).padStart(17, '0')}.${name}`), '');
}

/** The names that stand in the queue. */
export async function queuedNames(place: Place): Promise<ReadonlySet<SubmissionName>> {
  return new Set((await waitingJobs(place)).map((job) => job.name));
}

/**
 * Start waiting jobs, first come first served, while there are slots.
 *
 * Any process may call this at any time: whoever is faster starts a job, never two.
 *
 * @returns whether a slot is left, so that no job waits
 */
export async function advance(place: Place): Promise<boolean> {
  const self = await ownIdentity();
  let slots = await lookAtSlots(place);
  for (const name of slots.unstarted) await startSupervisor(place, name);
  const queue = queueOf(place);
  for (;;) {
    const taken = await takeFirst(place, slots, queue, self);
    if (taken === undefined) return slots.free.length > 0;
    await startSupervisor(place, taken.name);
    await queue.leave(taken);
    slots = await lookAtSlots(place);
  }
}

/** A view of the queue that is read anew only when all it showed has been looked at. */
export interface Queue {
  /** The first job that waits; entries of those that do not are removed. */
  first(): Promise<Waiting | undefined>;
  /** Remove the entry of a job that has a slot, or does not wait any more. */
  leave(job: Waiting): Promise<void>;
}

/** The queue of a place, first come first served. */
export function queueOf(place: Place): Queue {
  let shown: Waiting[] = [];
  const leave = async (job: Waiting) => {
    shown = shown.filter((one) => one !== job);
    await removeFile(join(place.folder, 'queue', job.entry));
  };
  return {
    leave,
    async first() {
      for (const anew of [false, true]) {
        if (anew) shown = [...(await waitingJobs(place))];
        for (const job of shown) {
          if (await waits(place, job.name)) return job;
          await leave(job);
        }
      }
      return undefined;
    },
  };
}

/**
 * Take a free slot for the first job that waits; the caller must run that job, or start its supervisor.
 *
 * @returns undefined when nothing waits, or nothing is free
 */
export async function takeFirst(
  place: Place,
  slots: Slots,
  queue: Queue,
  by: ProcessIdentity,
): Promise<Waiting | undefined> {
  let { free } = slots;
  for (;;) {
    const [turn] = free;
    const next = turn && (await queue.first());
    if (!turn || !next) return undefined;
    if (await takeSlot(place, turn, next.name, by)) return next;
    // Another was faster at the slot or at the job.
    free = (await lookAtSlots(place)).free;
  }
}

/**
 * Take the next turn of a slot that the caller still has, for the first job that waits: until the
 * caller's own job has ended nobody else finds the slot free.
 *
 * @returns undefined when nothing waits, or the turn was another's
 */
export async function takeOver(
  place: Place,
  last: Turn,
  queue: Queue,
  by: ProcessIdentity,
): Promise<{ readonly name: SubmissionName; readonly turn: Turn } | undefined> {
  for (let turn = last.turn + 1; ; turn += 1) {
    const next = await queue.first();
    if (!next) return undefined;
    if (await takeSlot(place, { slot: last.slot, turn }, next.name, by)) {
      await queue.leave(next);
      return { name: next.name, turn: { slot: last.slot, turn } };
    }
    // Another was faster at the job, and then this turn is let go; or at the slot.
    if (!(await hasTurn(place, { slot: last.slot, turn }, next.name, by))) return undefined;
  }
}

/** The identity of this process, by which its claims are known. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const self = await processIdentity(process.pid);
  if (self) return self;
  throw new Error('this process does not find itself among the processes: is /proc mounted?');
}

async function waits(place: Place, name: SubmissionName): Promise<boolean> {
  const [order, ...taken] = await Promise.all(
    (['order.json', 'claim.json', 'start.json', 'end.json'] as const).map((file) =>
      exists(jobFile(place, name, file)),
    ),
  );
  return order === true && !taken.includes(true);
}

async function waitingJobs(place: Place): Promise<readonly Waiting[]> {
  const entries = await readdir(join(place.folder, 'queue'));
  return entries.sort().map((entry) => ({ entry, name: entry.slice(entry.indexOf('.') + 1) }));
}

async function startSupervisor(place: Place, name: SubmissionName): Promise<void> {
  await noteStart(place, name);
  const logFile = join(jobFolder(place, name), 'supervisor.log');
  // Not in the folder of the jobs: a process whose folder is deleted while it starts may hang for ever.
  await startDetached(
    moduleBeside('./supervisor', import.meta.url),
    [place.folder, name, `${place.slots}`, `${place.graceMs}`, `${place.cgroups}`],
    { cwd: parse(place.folder).root, logFile, env: {} },
  ).catch(async (error) => {
    // The log's folder goes when a job is cancelled and forgotten meanwhile.
    if (await exists(jobFolder(place, name))) throw error;
  });
}
