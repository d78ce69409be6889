/**
 * Ports of a site whose answers count only while the place they come from holds
 * the marker that was once written there (law 1): below an unmounted disk lies an
 * empty folder, in which every file would be absent and every job forgotten.
 */
import type { SubmissionName } from '../../machines/model.ts';
import type { SiteSpec } from '../../specs/types.ts';
import { attemptOf, folderOf, isOurs, MARKER_PATH } from '../model/names.ts';
import type { Records } from '../model/records.ts';
import type { BatchSystem } from '../ports/batch-system.ts';
import { DriverError } from '../ports/errors.ts';
import type { Mover } from '../ports/mover.ts';
import type { SitePorts } from '../ports/ports.ts';
import type { Spool } from '../ports/spool.ts';
import type { Store } from '../ports/store.ts';
import { markerTrouble, SPOOL_PLACE, storePlace } from './marker.ts';

/** `Guarding` is what the guard of a site must know. */
export interface Guarding {
  readonly site: SiteSpec;
  readonly records: Pick<Records, 'markedPlaces' | 'installation'>;
  /** The spool's folder is made where nothing was ever written; false in a dry run. */
  readonly mayMake: boolean;
}

/** How calls of one place are made: those that ask are checked afterwards, those that change something before. */
interface Watch {
  readonly asks: <T>(signal: AbortSignal, call: () => Promise<T>) => Promise<T>;
  readonly acts: <T>(signal: AbortSignal, call: () => Promise<T>) => Promise<T>;
  /**
   * As `acts`, for a call about submissions, each of which this installation must have named.
   *
   * @throws DriverError `forbidden` for a name of another one, before anything is done
   */
  readonly actsOn: <T>(
    names: readonly SubmissionName[],
    signal: AbortSignal,
    call: () => Promise<T>,
  ) => Promise<T>;
}

/**
 * Guard the stores, the spool, and what keeps its state in the spool.
 *
 * Every guarded call throws DriverError `unavailable` where a marker of this
 * installation was written and is not there now, or another one is; and `forbidden`
 * where it would change what lies, runs or is kept under a name of another installation.
 */
export function guarded(ports: SitePorts, guarding: Guarding): SitePorts {
  const wasMarked = rememberMarked(guarding);
  const ours = rememberOurs(guarding);
  const stores = new Map(
    [...ports.stores].map(([name, store]) => {
      const place = storePlace(guarding.site, name);
      const watch = watchOf(place, wasMarked, ours, (signal) => store.readText(MARKER_PATH, signal));
      return [name, guardedStore(store, watch)];
    }),
  );
  const spool = watchSpool(ports.spool, wasMarked, ours, guarding);
  return {
    ...ports,
    stores,
    spool: guardedSpool(ports.spool, spool),
    batch: guardedBatch(ports.batch, spool),
    movers: new Map([...ports.movers].map(([endpoint, mover]) => [endpoint, guardedMover(mover, spool)])),
  };
}

type WasMarked = (place: string) => Promise<boolean>;

/** A place once marked stays so; the others are asked for each time, as another process may mark them. */
function rememberMarked({ site, records }: Guarding): WasMarked {
  let known: ReadonlySet<string> = new Set();
  return async (place) => {
    if (!known.has(place)) known = await records.markedPlaces(site.name);
    return known.has(place);
  };
}

/** The installation's id: as it is remembered, or as the database has it now. */
interface Ours {
  readonly known: () => Promise<string>;
  readonly asked: () => Promise<string>;
}

/** An id is made once: the database is asked again only where a marker has another one. */
function rememberOurs({ records }: Guarding): Ours {
  let id: string | undefined;
  const asked = async () => {
    id = (await records.installation()).id;
    return id;
  };
  return { asked, known: async () => id ?? asked() };
}

function watchOf(
  place: string,
  wasMarked: WasMarked,
  ours: Ours,
  read: (signal: AbortSignal) => Promise<string | undefined>,
): Watch {
  const check = async (signal: AbortSignal) => {
    if (!(await wasMarked(place))) return;
    const text = await read(signal);
    if (markerTrouble(place, text, await ours.known()) === undefined) return;
    const trouble = markerTrouble(place, text, await ours.asked());
    if (trouble !== undefined) throw new DriverError('unavailable', trouble);
  };
  const acts: Watch['acts'] = async (signal, call) => {
    await check(signal);
    return call();
  };
  return {
    // Afterwards: a disk that was unmounted before the answer is seen to be away after it.
    async asks(signal, call) {
      const answer = await call();
      await check(signal);
      return answer;
    },
    acts,
    async actsOn(names, signal, call) {
      await refuseOthers(names, ours);
      return acts(signal, call);
    },
  };
}

/** @throws DriverError `forbidden` where another installation made one of the names */
async function refuseOthers(names: readonly SubmissionName[], ours: Ours): Promise<void> {
  const id = await ours.known();
  const other = names.find((name) => !isOurs(name, id));
  if (other === undefined) return;
  throw new DriverError(
    'forbidden',
    `${other} is no name of this installation (${id}); what has it belongs to another one and is left as it is`,
  );
}

/** The submissions in whose attempts' folders paths lie. */
function attemptsAt(paths: readonly string[]): readonly SubmissionName[] {
  return paths.flatMap((path) => attemptOf(path) ?? folderOf(path) ?? []);
}

interface SpoolWatch extends Watch {
  /** Make the folder where it was never marked. */
  readonly made: (signal: AbortSignal) => Promise<void>;
}

/** The spool is ours: it is made before its first use, and never again. */
function watchSpool(spool: Spool, wasMarked: WasMarked, ours: Ours, guarding: Guarding): SpoolWatch {
  const watch = watchOf(SPOOL_PLACE, wasMarked, ours, (signal) => spool.readText(MARKER_PATH, signal));
  const made = async (signal: AbortSignal) => {
    if (guarding.mayMake && !(await wasMarked(SPOOL_PLACE))) await spool.make(signal);
  };
  return {
    made,
    // Before as well: a driver that answers may make folders of its own in the spool.
    async asks(signal, call) {
      await made(signal);
      return watch.acts(signal, () => watch.asks(signal, call));
    },
    async acts(signal, call) {
      await made(signal);
      return watch.acts(signal, call);
    },
    async actsOn(names, signal, call) {
      await made(signal);
      return watch.actsOn(names, signal, call);
    },
  };
}

function guardedStore(store: Store, { asks, acts, actsOn }: Watch): Store {
  return {
    ...store,
    stat: (paths, depth, askedAt, signal) => asks(signal, () => store.stat(paths, depth, askedAt, signal)),
    locate: (paths, askedAt, signal) => asks(signal, () => store.locate(paths, askedAt, signal)),
    list: (glob, askedAt, signal) => asks(signal, () => store.list(glob, askedAt, signal)),
    get: (path, localFile, signal) => asks(signal, () => store.get(path, localFile, signal)),
    freeBytes: (signal) => asks(signal, () => store.freeBytes(signal)),
    emptyFolders: (below, signal) => asks(signal, () => store.emptyFolders(below, signal)),
    removeFolders: (paths, signal) =>
      actsOn(attemptsAt(paths), signal, () => store.removeFolders(paths, signal)),
    promote: (from, to, expected, signal) =>
      actsOn(attemptsAt([from, to]), signal, () => store.promote(from, to, expected, signal)),
    remove: (path, expected, signal) =>
      actsOn(attemptsAt([path]), signal, () => store.remove(path, expected, signal)),
    put: (localFile, to, signal) => actsOn(attemptsAt([to]), signal, () => store.put(localFile, to, signal)),
    readText: (path, signal) =>
      path === MARKER_PATH ? store.readText(path, signal) : asks(signal, () => store.readText(path, signal)),
    replaceText: (path, text, signal) => {
      const write = () => store.replaceText(path, text, signal);
      return path === MARKER_PATH ? write() : acts(signal, write);
    },
  };
}

function guardedSpool(spool: Spool, { made, asks, acts, actsOn }: SpoolWatch): Spool {
  return {
    ...spool,
    write: (name, files, signal) => actsOn([name], signal, () => spool.write(name, files, signal)),
    read: (jobs, askedAt, signal) => asks(signal, () => spool.read(jobs, askedAt, signal)),
    discardReports: (names, signal) => actsOn(names, signal, () => spool.discardReports(names, signal)),
    pack: (names, localFile, signal) => actsOn(names, signal, () => spool.pack(names, localFile, signal)),
    packed: (localFile, signal) => asks(signal, () => spool.packed(localFile, signal)),
    drop: (names, signal) => actsOn(names, signal, () => spool.drop(names, signal)),
    freeBytes: (signal) => asks(signal, () => spool.freeBytes(signal)),
    makeScratch: (signal) => acts(signal, () => spool.makeScratch(signal)),
    removeScratch: (path, signal) => acts(signal, () => spool.removeScratch(path, signal)),
    async readText(path, signal) {
      const read = () => spool.readText(path, signal);
      if (path !== MARKER_PATH) return asks(signal, read);
      await made(signal);
      return read();
    },
    async replaceText(path, text, signal) {
      const write = () => spool.replaceText(path, text, signal);
      if (path !== MARKER_PATH) return acts(signal, write);
      await made(signal);
      return write();
    },
  };
}

function guardedBatch(batch: BatchSystem, { asks, actsOn }: Watch): BatchSystem {
  return {
    ...batch,
    submit: (order, signal) => actsOn([order.name], signal, () => batch.submit(order, signal)),
    observe: (names, askedAt, signal) => asks(signal, () => batch.observe(names, askedAt, signal)),
    cancel: (names, signal) => actsOn(names, signal, () => batch.cancel(names, signal)),
    settle: (names, signal) => actsOn(names, signal, () => batch.settle(names, signal)),
    forget: (names, signal) => actsOn(names, signal, () => batch.forget(names, signal)),
  };
}

function guardedMover(mover: Mover, { asks, actsOn }: Watch): Mover {
  return {
    ...mover,
    submit: (order, signal) => actsOn([order.name], signal, () => mover.submit(order, signal)),
    observe: (names, askedAt, signal) => asks(signal, () => mover.observe(names, askedAt, signal)),
    cancel: (names, signal) => actsOn(names, signal, () => mover.cancel(names, signal)),
    settle: (names, signal) => actsOn(names, signal, () => mover.settle(names, signal)),
    forget: (names, signal) => actsOn(names, signal, () => mover.forget(names, signal)),
  };
}
