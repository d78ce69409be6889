import { readdir, rm, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import type { SubmissionName } from '../../../../machines/model.ts';
import { moduleBeside, startDetached } from '../../process/detach.ts';
import { type ProcessIdentity, processIdentity } from '../../process/identity.ts';
import { exists, jobFile, jobFolder, type Place } from './place.ts';
import { lookAtSlots, noteStart, takeSlot } from './slots.ts';

/** One job that waits. */
interface Waiting {
  readonly entry: string;
  readonly number: number;
  readonly name: SubmissionName;
}

/**
 * Put a job at the end of the queue. Repeatable: a job that stands in the queue
 * twice is started once, and one that does not wait is taken out by `advance`.
 */
export async function enqueue(place: Place, name: SubmissionName): Promise<void> {
  const waiting = await waitingJobs(place);
  const number = (waiting.at(-1)?.number ?? 0) + 1;
  // The name says all: an entry cannot be seen half written.
  await writeFile(join(place.folder, 'queue', `${String(number).padStart(12, '0')}.${name}`), '');
}

/** The names that stand in the queue. */
export async function queuedNames(place: Place): Promise<ReadonlySet<SubmissionName>> {
  return new Set((await waitingJobs(place)).map((job) => job.name));
}

/**
 * Start waiting jobs, first come first served, while there are slots.
 *
 * Any process may call this at any time: whoever is faster starts a job, never two.
 */
export async function advance(place: Place): Promise<void> {
  const self = await processIdentity(process.pid);
  if (!self) throw new Error('this process does not find itself among the processes: is /proc mounted?');

  const { unstarted } = await lookAtSlots(place);
  for (const name of unstarted) await startSupervisor(place, name);
  while (await startNext(place, self)) {
    // Each round started a job, or lost a race that somebody else won.
  }
}

async function startNext(place: Place, self: ProcessIdentity): Promise<boolean> {
  const next = await firstWaiting(place);
  if (!next) return false;
  const [turn] = (await lookAtSlots(place)).free;
  if (!turn) return false;

  if (await takeSlot(place, turn, next.name, self)) {
    await startSupervisor(place, next.name);
    await rm(join(place.folder, 'queue', next.entry), { force: true });
  }
  return true;
}

async function firstWaiting(place: Place): Promise<Waiting | undefined> {
  for (const job of await waitingJobs(place)) {
    if (await waits(place, job.name)) return job;
    await rm(join(place.folder, 'queue', job.entry), { force: true });
  }
  return undefined;
}

async function waits(place: Place, name: SubmissionName): Promise<boolean> {
  if (!(await exists(jobFile(place, name, 'order.json')))) return false;
  const taken = await Promise.all(
    (['claim.json', 'start.json', 'end.json'] as const).map((file) => exists(jobFile(place, name, file))),
  );
  return !taken.includes(true);
}

async function waitingJobs(place: Place): Promise<readonly Waiting[]> {
  const entries = await readdir(join(place.folder, 'queue'));
  return entries.sort().map((entry) => ({
    entry,
    number: Number.parseInt(entry, 10),
    name: entry.slice(entry.indexOf('.') + 1),
  }));
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
