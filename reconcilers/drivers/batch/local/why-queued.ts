/** Why jobs still wait, in words for people; changes nothing. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SubmissionName } from '../../../../machines/model.ts';
import { lookAt, unreadable } from './job-state.ts';
import { ignoring, type Place, readRecord } from './place.ts';
import { queuedNames } from './queue.ts';

/** `whyQueued` says for a job of a place how many slots are taken, and how many jobs wait before it. */
export async function whyQueued(place: Place): Promise<(name: SubmissionName) => string> {
  const taken = await slotsTaken(place);
  const queue = [...(await queuedNames(place))];
  const all = place.slots === 1 ? '1 slot' : `${place.slots} slots`;
  const slots = `${all}, ${taken >= place.slots ? 'all' : taken} taken`;
  return (name) => {
    const before = queue.indexOf(name);
    return before > 0 ? `${slots}; ${before} before it in the queue` : slots;
  };
}

/** How many slots have a job that has not ended. */
async function slotsTaken(place: Place): Promise<number> {
  const names = (await readdir(join(place.folder, 'slots')).catch(ignoring('ENOENT'))) ?? [];
  const newest = new Map<number, number>();
  for (const [slot, turn] of names.map((name) => name.split('.').map(Number))) {
    if (slot !== undefined && turn !== undefined && turn >= (newest.get(slot) ?? 0)) newest.set(slot, turn);
  }
  let taken = 0;
  for (const [slot, turn] of newest) {
    const by = await readRecord<{ readonly job: SubmissionName }>(
      join(place.folder, 'slots', `${slot}.${turn}`),
    );
    if (by === undefined || slot >= place.slots) continue;
    const { state } = await lookAt(place, by.job).catch(unreadable);
    if (state === 'running' || state === 'queued') taken += 1;
  }
  return taken;
}
