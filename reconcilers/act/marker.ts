/**
 * The installation's marker: a small file in the spool and in each store that is
 * written to, so that a database from another day, or another database, never
 * takes what this one has made for its own (law 2).
 */

import type { SiteSpec } from '../../specs/types.ts';
import { storesWritten } from '../decide/steps/kinds.ts';
import type { PassContext } from '../model/context.ts';
import { BUILT_IN_SITE, MARKER_PATH } from '../model/names.ts';
import type { Records } from '../model/records.ts';
import type { ReadyStep } from '../model/steps.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';

/** `Marker` is what the small file says: whose the place is, and up to which number. */
export interface Marker {
  readonly installation: string;
  /** The last number that was given out when it was written. */
  readonly serial: number;
}

/** One place that has a marker, or could have one. */
export interface MarkedPlace {
  readonly site: string;
  /** Its name in `marked_places`, and in sentences. */
  readonly name: string;
  read(signal: AbortSignal): Promise<string | undefined>;
  write(text: string, signal: AbortSignal): Promise<void>;
}

/** Something there was not made by this database; nothing is done until a person says whose it is. */
export class ForeignMarker extends Error {
  override readonly name = 'ForeignMarker';

  /** Its name in `marked_places`. */
  readonly place: string;

  constructor(place: string, message: string) {
    super(message);
    this.place = place;
  }
}

/** The spool and every store that a dataset writes to. */
export function markedPlaces(
  { dataset }: Pick<PassContext, 'dataset'>,
  ports: SitePorts,
): readonly MarkedPlace[] {
  const { spec, site: where } = dataset.loaded;
  const site = where.name;
  const written = new Set([
    spec.input.store,
    ...spec.outputs.flatMap((output) => [output.store, ...(output.export ? [output.export.to] : [])]),
    ...(spec.archive ? [spec.archive.store] : []),
  ]);
  const stores = [...written].flatMap((name): MarkedPlace[] => {
    const store = ports.stores.get(name);
    if (store === undefined) return [];
    return [
      {
        site,
        name: storePlace(where, name),
        read: (signal) => store.readText(MARKER_PATH, signal),
        write: (text, signal) => store.replaceText(MARKER_PATH, text, signal),
      },
    ];
  });
  const spool: MarkedPlace = {
    site,
    name: SPOOL_PLACE,
    read: (signal) => ports.spool.readText(MARKER_PATH, signal),
    write: (text, signal) => ports.spool.replaceText(MARKER_PATH, text, signal),
  };
  return [spool, ...stores];
}

/** A marker's content; undefined when there is none. @throws ForeignMarker when it cannot be read */
export function parseMarker(place: string, text: string | undefined): Marker | undefined {
  if (text === undefined) return undefined;
  try {
    const { installation, serial } = JSON.parse(text) as Partial<Marker>;
    if (typeof installation === 'string' && typeof serial === 'number') return { installation, serial };
  } catch {
    // Falls through: a marker that is not ours to read is treated like a foreign one.
  }
  throw new ForeignMarker(
    place,
    `${place}: ${MARKER_PATH} is not a marker of rereco; look at it, then \`rereco db adopt\``,
  );
}

/**
 * Make sure that every place belongs to this installation and to no later day of it.
 *
 * @throws ForeignMarker naming the place and what to do | DriverError where a place cannot be asked
 */
export async function checkMarkers(
  places: readonly MarkedPlace[],
  records: Records,
  signal: AbortSignal,
): Promise<void> {
  // The markers are read first: another process may write a higher one in between.
  const markers = await Promise.all(
    places.map(async (place) => ({ place, marker: await readMarker(place, records, signal) })),
  );
  const ours = await records.installation();
  const marked = await records.markedPlaces(places[0]?.site ?? '');
  for (const { place, marker } of markers) {
    if (marker === undefined && marked.has(place.name)) throw foreign(place, lostMarker(place.name));
    if (marker === undefined) continue;
    if (marker.installation !== ours.id) throw foreign(place, otherMarker(place.name, marker, ours.id));
    if (marker.serial > ours.serial) {
      throw foreign(
        place,
        `${place.name} was written by a later state of this database (number ${marker.serial}, here ${ours.serial}); ` +
          'a backup was restored? Then: `rereco db adopt`',
      );
    }
  }
  await records.answered(places[0]?.site ?? '', places.map(systemOf), await records.now());
}

const foreign = ({ name }: MarkedPlace, message: string) => new ForeignMarker(name, message);

/** A place among the systems of its site, apart from the store itself: that may answer this, and nothing else. */
const systemOf = ({ name }: MarkedPlace) => `marker of ${name}`;

/** The marker of a place. One that cannot be asked is noted among the systems that do not answer. */
async function readMarker(place: MarkedPlace, records: Records, signal: AbortSignal) {
  try {
    return parseMarker(place.name, await place.read(signal));
  } catch (error) {
    if (error instanceof DriverError) {
      await records.health(place.site, systemOf(place), error.message, await records.now());
    }
    throw error;
  }
}

/**
 * What is wrong with what stands for the marker in a place where this installation wrote one.
 *
 * @returns undefined where it is there, of whatever day
 */
export function markerTrouble(place: string, text: string | undefined, ours: string): string | undefined {
  try {
    const marker = parseMarker(place, text);
    if (marker === undefined) return lostMarker(place);
    return marker.installation === ours ? undefined : otherMarker(place, marker, ours);
  } catch (error) {
    if (error instanceof ForeignMarker) return error.message;
    throw error;
  }
}

function lostMarker(place: string): string {
  return (
    `${place} has lost its marker ${MARKER_PATH}: is its disk mounted? ` +
    'If it was emptied on purpose: `rereco db adopt`'
  );
}

function otherMarker(place: string, { installation }: Marker, ours: string): string {
  return (
    `${place} belongs to the installation ${installation}, this database is ${ours}; ` +
    'if this database is to take it over: `rereco db adopt`'
  );
}

/**
 * Write the marker where it is missing, and where steps are about to write under
 * higher numbers than it has, after their intents are committed.
 *
 * Other places are left: a store that is full does not stop what goes elsewhere.
 */
export async function markBefore(
  steps: readonly ReadyStep[],
  places: readonly MarkedPlace[],
  { dataset }: Pick<PassContext, 'dataset'>,
  records: Records,
  signal: AbortSignal,
): Promise<void> {
  const { spec, site } = dataset.loaded;
  const stores = steps.flatMap((step) => storesWritten(step, spec));
  const written = new Set([SPOOL_PLACE, ...stores.map((store) => storePlace(site, store))]);
  const highest = Math.max(0, ...steps.map((step) => ('number' in step ? step.number : 0)));
  const marked = await records.markedPlaces(site.name);
  const stale: MarkedPlace[] = [];
  const unnoted: MarkedPlace[] = [];
  for (const place of places) {
    const needed = written.has(place.name) ? highest : 0;
    const marker = parseMarker(place.name, await place.read(signal));
    // Away since it was checked: a marker in the folder below its disk would make all of it absent.
    if (marker === undefined && marked.has(place.name)) throw foreign(place, lostMarker(place.name));
    if (marker === undefined || marker.serial < needed) stale.push(place);
    else if (!marked.has(place.name)) unnoted.push(place);
  }
  if (stale.length > 0) await writeMarkers(stale, records, signal);
  if (unnoted.length > 0) await note(unnoted, records);
}

/** The spool among the places of a site. */
export const SPOOL_PLACE = 'spool';

/** A store among the places of a site; the built-in site has one in the folder of each spec. */
export function storePlace(site: SiteSpec, store: string): string {
  const place = `store ${store}`;
  return site.name === BUILT_IN_SITE ? `${place} at ${site.stores[store]?.root ?? ''}` : place;
}

/** `writeMarkers` writes the marker with the last number that was given out, and remembers that it is there. */
export async function writeMarkers(
  places: readonly MarkedPlace[],
  records: Records,
  signal: AbortSignal,
): Promise<void> {
  const { id, serial } = await records.installation();
  const text = `${JSON.stringify({ installation: id, serial })}\n`;
  await Promise.all(places.map((place) => place.write(text, signal)));
  await note(places, records);
}

/** Remember that places have their marker. */
async function note(places: readonly MarkedPlace[], records: Records): Promise<void> {
  const now = await records.now();
  for (const site of new Set(places.map((place) => place.site))) {
    const names = places.filter((place) => place.site === site).map((place) => place.name);
    await records.noteMarked(site, names, now);
  }
}
