/**
 * The space of stores: what is free, what is kept free, and what is still to
 * come (specs: `keepFree`). New work stops while what it brings would not fit.
 */

import type { Phase } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import { counted } from '../../model/counted.ts';
import { type Stop, stop } from '../../model/stops.ts';
import type { ByteTotals } from '../../model/totals.ts';
import { look, type Questions, type Round, type World } from '../../model/world.ts';

/** The name under which the spool is asked for its free space, beside the stores. */
export const SPOOL = 'spool';

/** One store, for people: null where nobody can say. */
export interface SpaceLine {
  readonly store: string;
  readonly freeBytes: number | null;
  readonly keptBytes: number;
  /** All that is still to come into it for the files wanted so far: the peak. */
  readonly comingBytes: number;
}

type Standing = Pick<PassContext, 'dataset'>;

/** The phases that bring bytes somewhere. */
const BRINGING: readonly Phase[] = ['transfer', 'process', 'export'];

/** Whether a phase must know the free space of stores before it begins new work. */
export function watchesSpace(standing: Standing, phase: Phase): boolean {
  return placesOf(standing, phase).some((place) => keptFree(standing, place) > 0);
}

/** The question for free space, asked only where the context has sums of bytes to hold against it. */
export function spaceRound(context: PassContext, phase: Phase): Round {
  const free: Questions['free'] = context.bytes === null ? [] : placesOf(context, phase);
  return () => ({ free });
}

/** Stores that a phase brings bytes to, and the spool where jobs write. */
function placesOf({ dataset }: Standing, phase: Phase): readonly string[] {
  const { input, outputs } = dataset.loaded.spec;
  switch (phase) {
    case 'transfer':
      return [input.store];
    case 'process':
      return [...new Set([...outputs.map((output) => output.store), SPOOL])];
    case 'export':
      return [...new Set(outputs.flatMap((output) => (output.export ? [output.export.to] : [])))];
    default:
      return [];
  }
}

function keptFree({ dataset }: Standing, place: string): number {
  const { spool, stores } = dataset.loaded.site;
  return place === SPOOL ? spool.keepFreeBytes : (stores[place]?.keepFreeBytes ?? 0);
}

/** Bytes that may still come, a reason why nobody knows, or undefined where the store cannot tell. */
export type Room = number | string | undefined;

/** The room that is left at each place of a phase where some space is to be kept free. */
export function roomOf(
  context: PassContext,
  bytes: ByteTotals,
  phase: Phase,
  seen: World,
): ReadonlyMap<string, Room> {
  const kept = placesOf(context, phase).filter((place) => keptFree(context, place) > 0);
  return new Map(kept.map((place) => [place, roomAt(context, bytes, phase, place, seen)]));
}

function roomAt(context: PassContext, bytes: ByteTotals, phase: Phase, place: string, seen: World): Room {
  const free = look(seen.free, place, 0);
  if (free.is !== 'present') return free.is === 'unknown' ? free.why : 'it is gone';
  if (free.value === null) return undefined;
  return free.value - keptFree(context, place) - inMotion(context, bytes, phase, place);
}

/** Why bytes do not fit into the room of a place; undefined where they do, or nobody limits it. */
export function tooFull(place: string, size: number, room: Room): Stop | undefined {
  if (room === undefined) return undefined;
  if (typeof room === 'string')
    return stop('system.silent', `${place} has not said how much is free: ${room}`);
  if (size <= room) return undefined;
  const left = `room for ${counted(Math.max(0, room), 'byte')} more, it would need ${size}`;
  return stop('space.limit', `${place} is to keep space free (keepFree): ${left}`);
}

/** Bytes that work which was begun already will still bring to a place. */
function inMotion({ dataset }: Standing, bytes: ByteTotals, phase: Phase, place: string): number {
  const { outputs } = dataset.loaded.spec;
  if (phase === 'transfer') return bytes.arriving;
  if (phase === 'export') {
    const leaving = outputs.filter((output) => output.export?.to === place);
    return leaving.reduce((sum, output) => sum + (bytes.leaving[output.key] ?? 0), 0);
  }
  return outputBytes({ dataset }, bytes, place, bytes.inputs.running);
}

/** What inputs of so many bytes give in a store: as those before them did; before any, as much as was read. */
export function outputBytes(
  { dataset }: Standing,
  bytes: ByteTotals,
  store: string,
  inputBytes: number,
): number {
  return dataset.loaded.spec.outputs
    .filter((output) => output.store === store)
    .reduce((sum, output) => sum + Math.ceil(inputBytes * (bytes.ratios[output.key] ?? 1)), 0);
}

/** What is free and what is still to come, for the places of a phase; none where it was not asked. */
export function spaceLines(context: PassContext, phase: Phase, seen: World): readonly SpaceLine[] {
  const { bytes } = context;
  if (bytes === null || !BRINGING.includes(phase)) return [];
  return placesOf(context, phase)
    .filter((place) => place !== SPOOL)
    .map((store) => {
      const free = look(seen.free, store, 0);
      return {
        store,
        freeBytes: free.is === 'present' ? free.value : null,
        keptBytes: keptFree(context, store),
        comingBytes: stillToCome(context, bytes, phase, store),
      };
    });
}

function stillToCome(context: PassContext, bytes: ByteTotals, phase: Phase, store: string): number {
  const { pending, transferred, verified, running, error } = bytes.inputs;
  const open = pending + transferred + verified + running + error;
  if (phase === 'transfer') return pending;
  if (phase === 'process') return outputBytes(context, bytes, store, open);
  const { outputs } = context.dataset.loaded.spec;
  return outputs
    .filter((output) => output.export?.to === store)
    .reduce((sum, output) => {
      const made = bytes.unexported[output.key] ?? 0;
      return sum + made + Math.ceil(open * (bytes.ratios[output.key] ?? 1));
    }, 0);
}
