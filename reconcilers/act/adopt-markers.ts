/** Making this database the owner of what another one, or a later day of this one, has made. */
import type { Records } from '../model/records.ts';
import { type MarkedPlace, type Marker, parseMarker, writeMarkers } from './marker.ts';

/** A place that was taken over, and whose it was. */
export interface Adopted {
  readonly place: string;
  /** null where there was no marker. */
  readonly was: Marker | null;
  /** The installation whose it is now: ours. */
  readonly now: string;
}

/**
 * Make this database the owner of every place, whoever's they were, and go on
 * with numbers above all that were ever used there.
 */
export async function adoptMarkers(
  places: readonly MarkedPlace[],
  records: Records,
  signal: AbortSignal,
): Promise<readonly Adopted[]> {
  const { id, serial } = await records.installation();
  const adopted: Adopted[] = [];
  for (const place of places) {
    const was = parseMarker(place.name, await place.read(signal)) ?? null;
    adopted.push({ place: place.name, was, now: id });
  }
  await records.raiseSerial(Math.max(serial, ...adopted.map(({ was }) => was?.serial ?? 0)));
  await writeMarkers(places, records, signal);
  return adopted;
}
