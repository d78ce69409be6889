/**
 * The sweep of a site: what attempts left that are over goes into quarantine, what
 * comes later, from a job that was given up, is told of and never counted, and what
 * an archive holds leaves the spool (laws 3 and 4).
 *
 * It concerns the attempts of every dataset of the site, and of those only what this
 * database knows to be over. What it does not know is counted and left alone.
 */

import type { SubmissionName } from '../machines/model.ts';
import { type Abandoned, abandonedIn, keptIn, unknownIn } from './act/kept-in-stores.ts';
import { checkMarkers, type MarkedPlace, markedPlaces, storePlace } from './act/marker.ts';
import {
  attemptStores,
  type Leaving,
  type Leavings,
  leavings,
  putAway,
  removeEmpty,
} from './act/put-away.ts';
import { dropArchive } from './act/steps/archive.ts';
import { tellingForeign } from './act/tell-foreign.ts';
import { chunks } from './model/chunks.ts';
import { counted } from './model/counted.ts';
import { ATTEMPTS, isOurs } from './model/names.ts';
import type { DatasetRow } from './model/rows.ts';
import type { OverSubmission, SiteLease, Swept, UndroppedArchive } from './model/sweeping.ts';
import type { PassReport } from './pass-report.ts';
import { DriverError } from './ports/errors.ts';
import type { Surroundings } from './reconcile.ts';
import { sweepReports } from './sweep-report.ts';

/** `SweepOptions` says how much a sweep looks at, and whether it acts. */
export interface SweepOptions {
  /** Ask the stores also when no attempt has ended since the last time. */
  readonly resync: boolean;
  readonly dryRun: boolean;
}

/** What a sweep has looked at. */
interface Looked {
  readonly datasets: readonly DatasetRow[];
  /** Submissions that are over and not swept yet, with their dataset's name. */
  readonly fresh: ReadonlyMap<SubmissionName, string>;
  readonly archives: readonly UndroppedArchive[];
  readonly left: Leavings;
  /** What is over of all that something was found of. */
  readonly submissions: ReadonlyMap<SubmissionName, OverSubmission>;
  readonly over: readonly Leaving[];
  /** What killed calls were writing; asked for at a resync only. */
  readonly abandoned: readonly Abandoned[];
  readonly resync: boolean;
}

/**
 * Sweep a site.
 *
 * @param datasets  all of the site that are on record and have the same outside
 * @returns reports of the datasets concerned; none where there was nothing to do, or
 *   where somebody else sweeps the site
 * @throws LeaseLost when somebody else took over | ForeignMarker | DriverError
 */
export async function sweep(
  datasets: readonly DatasetRow[],
  options: SweepOptions,
  around: Surroundings,
): Promise<readonly PassReport[]> {
  return tellingForeign(datasets, around, () => sweepOnce(datasets, options, around));
}

async function sweepOnce(
  datasets: readonly DatasetRow[],
  options: SweepOptions,
  around: Surroundings,
): Promise<readonly PassReport[]> {
  const looked = await look(datasets, options, around);
  if (looked === undefined) return [];
  const { silent } = looked.left;
  const reports = sweepReports({ ...looked, silent });
  if (options.dryRun) return reports;

  await checkMarkers(placesOf(datasets, silent, around), around.records, around.signal);
  const { sweeping } = around.records;
  const lease = await sweeping.lease(datasets[0]?.loaded.site.name ?? '');
  if ('takenBy' in lease) return [];
  try {
    await clear(looked, lease, around);
    return reports;
  } finally {
    await sweeping.release(lease);
  }
}

/** The places that must be ours before anything is put away; those that do not answer are left out. */
function placesOf(
  datasets: readonly DatasetRow[],
  silent: ReadonlyMap<string, string>,
  { ports }: Surroundings,
): readonly MarkedPlace[] {
  const places = datasets.flatMap((dataset) =>
    markedPlaces({ dataset }, ports).filter(
      ({ name }) => ![...silent.keys()].some((store) => name === storePlace(dataset.loaded.site, store)),
    ),
  );
  return [...new Map(places.map((place) => [place.name, place])).values()];
}

/** @returns undefined where nothing has ended since the last time, and nobody asks for more */
async function look(
  datasets: readonly DatasetRow[],
  { resync }: SweepOptions,
  around: Surroundings,
): Promise<Looked | undefined> {
  const { ports, signal } = around;
  const { sweeping } = around.records;
  const fresh = await sweeping.unswept(datasets);
  const archives = await sweeping.undropped(datasets);
  if (fresh.size + archives.length === 0 && !resync) return undefined;

  const stores = await storesOf(datasets, around);
  const left = await leavings(stores, ports, signal);
  const { id } = await around.records.installation();
  const named = [...left.found, ...left.empty].map(({ submission }) => submission);
  // What another installation has made is counted and left, whatever stands on record here (law 2).
  const ours = [...new Set(named)].filter((name) => isOurs(name, id));
  const submissions = await sweeping.overAmong(ours);
  const over = left.found.filter(({ submission }) => submissions.has(submission));
  const abandoned = resync ? await abandonedIn(stores, ports, signal) : [];
  return { datasets, fresh, archives, left, submissions, over, abandoned, resync };
}

/** The stores that attempts write to, and those in which this installation ever wrote its marker. */
async function storesOf(
  datasets: readonly DatasetRow[],
  { records, ports }: Surroundings,
): Promise<readonly string[]> {
  const site = datasets[0]?.loaded.site;
  if (site === undefined) return [];
  const marked = await records.markedPlaces(site.name);
  const written = [...ports.stores.keys()].filter((store) => marked.has(storePlace(site, store)));
  return [...new Set([...datasets.flatMap(attemptStores), ...written])];
}

/** So many files are put away well within the time of a lease. */
const FILES_A_RENEWAL = 100;

/** Put away, remove and drop what is over, and write down what came of it. */
async function clear(looked: Looked, lease: SiteLease, around: Surroundings): Promise<void> {
  const { over, abandoned, left, submissions } = looked;
  const { records, ports, signal } = around;
  const { sweeping } = records;
  const number = over.length + abandoned.length === 0 ? 0 : await sweeping.number(lease);
  const away: Leaving[] = [];
  for (const part of chunks(over, FILES_A_RENEWAL)) {
    await sweeping.renew(lease);
    away.push(...(await putAway(part, number, ports, signal)));
  }
  await putAway(abandoned, number, ports, signal);
  const emptied = away.map(({ store, submission }) => ({ store, path: `${ATTEMPTS}/${submission}` }));
  const empty = left.empty.filter(({ submission }) => submissions.has(submission));
  await removeEmpty([...empty, ...emptied], ports, signal);
  const dropped = await dropArchives(looked.archives, lease, around);
  await sweeping.commit(lease, {
    names: sweptNames(looked, away),
    late: lateOf(away, submissions),
    dropped,
    left: looked.resync || away.length > 0 ? await leftInStores(looked, around) : null,
  });
}

/** Those of which nothing is left: every store of their dataset answered, and all that it has was put away. */
function sweptNames({ datasets, fresh, left, over }: Looked, away: readonly Leaving[]): readonly string[] {
  const gone = new Set(away);
  const behind = new Set(over.filter((file) => !gone.has(file)).map(({ submission }) => submission));
  const silent = new Set(
    datasets
      .filter((one) => attemptStores(one).some((store) => left.silent.has(store)))
      .map(({ name }) => name),
  );
  return [...fresh].flatMap(([name, dataset]) => (behind.has(name) || silent.has(dataset) ? [] : [name]));
}

function lateOf(
  away: readonly Leaving[],
  submissions: ReadonlyMap<SubmissionName, OverSubmission>,
): Swept['late'] {
  return away.flatMap(({ submission, store, path, sizeBytes }) => {
    const known = submissions.get(submission);
    if (!known?.swept) return [];
    const message = `${submission} wrote ${store}:${path} (${counted(sizeBytes, 'byte')}) after its attempt was over; it is in quarantine`;
    return [{ datasetId: known.dataset.id, submission, message }];
  });
}

/** @returns those of which nothing is left in the spool and the drivers; the others come again */
async function dropArchives(
  archives: readonly UndroppedArchive[],
  lease: SiteLease,
  { records, ports, signal }: Surroundings,
): Promise<readonly number[]> {
  const dropped: number[] = [];
  for (const archive of archives) {
    await records.sweeping.renew(lease);
    try {
      await dropArchive(archive, ports, signal);
      dropped.push(archive.id);
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
    }
  }
  return dropped;
}

/** Count what is left for people to look at, after all that was put away. */
async function leftInStores({ datasets, left }: Looked, around: Surroundings): Promise<Swept['left']> {
  const { records, ports, signal } = around;
  const kept = await keptIn(await storesOf(datasets, around), ports, signal);
  const names = new Set(left.found.map(({ submission }) => submission));
  const known = await records.sweeping.knownAmong([...names]);
  const stores = kept.listed.filter((store) => !left.silent.has(store));
  const unknown = unknownIn(left.found.filter(({ submission }) => !known.has(submission)));
  const found = [...kept.quarantined, ...unknown].filter(({ store }) => stores.includes(store));
  return { stores, found };
}
