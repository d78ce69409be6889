import { readdir, stat, truncate, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { SubmissionName } from '../../../../machines/model.ts';
import { isAlive, type ProcessIdentity } from '../../process/identity.ts';
import { settle, unreadable } from './job-state.ts';
import { createOnce, ignoring, jobFile, type Place, readRecord, removeFile } from './place.ts';

/** One turn of one slot: nobody can take it twice. */
export interface Turn {
  readonly slot: number;
  readonly turn: number;
}

/** What stands in `slots/<slot>.<turn>`. */
interface Taken {
  readonly job: SubmissionName;
  readonly by: ProcessIdentity;
}

/** What stands in `jobs/<name>/claim.json`. */
interface Claim {
  /** `<slot>.<turn>` */
  readonly slot: string;
  readonly by: ProcessIdentity;
}

/** A supervisor that has not shown itself after this long is started again: only the first gets the job. */
const START_PATIENCE_MS = 5_000;

/** What the slots are at one moment. */
export interface Slots {
  readonly free: readonly Turn[];
  /** Jobs that have a slot and, for too long, no supervisor. */
  readonly unstarted: readonly SubmissionName[];
}

/**
 * Which slots can be taken, and whose jobs still wait for their supervisor.
 *
 * A free slot is free for good under the turn that is named: it is taken under
 * the next. Ends the jobs of dead supervisors on the way.
 */
export async function lookAtSlots(place: Place): Promise<Slots> {
  const newest = await newestTurns(place);
  const free: Turn[] = [];
  const unstarted: SubmissionName[] = [];
  for (let slot = 0; slot < place.slots; slot++) {
    const turn = newest.get(slot) ?? 0;
    const use = await useOf(place, { slot, turn });
    if (use === 'free') free.push({ slot, turn: turn + 1 });
    else if (use !== 'busy') unstarted.push(use.unstarted);
  }
  return { free, unstarted };
}

/**
 * Take a slot for a job.
 *
 * @returns false when another was faster at the slot or at the job; then nothing is held
 */
export async function takeSlot(
  place: Place,
  { slot, turn }: Turn,
  job: SubmissionName,
  by: ProcessIdentity,
): Promise<boolean> {
  const id = `${slot}.${turn}`;
  const path = join(place.folder, 'slots', id);
  if (!(await createOnce(place, path, { job, by } satisfies Taken, 'durable'))) return false;
  try {
    // Who looked long ago may take a turn that others have taken and left behind.
    if (((await newestTurns(place)).get(slot) ?? 0) > turn) return false;
    const claim: Claim = { slot: id, by };
    return await createOnce(place, jobFile(place, job, 'claim.json'), claim, 'durable');
  } catch (error) {
    // An empty file is a slot let go: as long as this process lives, nobody else could tell.
    await truncate(path).catch(ignoring('ENOENT'));
    return ignoring('ENOENT')(error) ?? false;
  }
}

/** The slot of a job that is claimed; undefined where that cannot be read. */
export async function turnOf(place: Place, job: SubmissionName): Promise<Turn | undefined> {
  const claim = await readRecord<Claim>(jobFile(place, job, 'claim.json'));
  const [slot, turn] = claim?.slot.split('.').map(Number) ?? [];
  return slot === undefined || turn === undefined ? undefined : { slot, turn };
}

/** Whether it was this process that took a turn for a job, whoever got the job. */
export async function hasTurn(
  place: Place,
  { slot, turn }: Turn,
  job: SubmissionName,
  by: ProcessIdentity,
): Promise<boolean> {
  const taken = await readRecord<Taken>(join(place.folder, 'slots', `${slot}.${turn}`));
  return taken?.job === job && taken.by === by;
}

/** Note that a supervisor was started for a job again. */
export async function noteStart(place: Place, job: SubmissionName): Promise<void> {
  const now = new Date();
  await utimes(jobFile(place, job, 'claim.json'), now, now).catch(ignoring('ENOENT'));
}

async function useOf(
  place: Place,
  { slot, turn }: Turn,
): Promise<'free' | 'busy' | { readonly unstarted: SubmissionName }> {
  const id = `${slot}.${turn}`;
  const taken = await readRecord<Taken>(join(place.folder, 'slots', id));
  if (!taken) return 'free';

  const job = await settle(place, taken.job).catch(unreadable);
  if (job.state === 'ended' || job.state === 'absent') return 'free';
  const claimFile = jobFile(place, taken.job, 'claim.json');
  // Asked before the claim is read: the dead make no claim later.
  const takerAlive = await isAlive(taken.by);
  const claim = await readRecord<Claim>(claimFile);
  if (!claim) return takerAlive === false ? 'free' : 'busy';
  if (claim.slot !== id) return 'free';
  if (job.state !== 'queued') return 'busy';

  // Also when the taker is dead: it may have started a supervisor that is about to show itself.
  const since = await stat(claimFile).catch(ignoring('ENOENT'));
  const overdue = since && Math.abs(Date.now() - since.mtimeMs) > START_PATIENCE_MS;
  return overdue ? { unstarted: taken.job } : 'busy';
}

/** The highest turn of each slot. Lower ones are removed: nobody looks at them. */
async function newestTurns(place: Place): Promise<ReadonlyMap<number, number>> {
  const newest = new Map<number, number>();
  const names = await readdir(join(place.folder, 'slots'));
  const turns = names.map((name) => name.split('.').map(Number) as [number, number]);
  for (const [slot, turn] of turns) newest.set(slot, Math.max(turn, newest.get(slot) ?? 0));
  for (const [slot, turn] of turns) {
    if (turn < (newest.get(slot) ?? 0)) await removeFile(join(place.folder, 'slots', `${slot}.${turn}`));
  }
  return newest;
}
