/** Which driver is which: an explicit list for each port, nothing found by itself. */
import path from 'node:path';
import { endpointText, FROM_CATALOG } from '../../machines/model.ts';
import type { BatchSpec, CatalogSpec, MoverSpec, SiteSpec, StoreSpec } from '../../specs/types.ts';
import type { Traits } from '../model/context.ts';
import type { BatchSystem } from '../ports/batch-system.ts';
import type { Catalog } from '../ports/catalog.ts';
import { DriverError } from '../ports/errors.ts';
import type { Mover } from '../ports/mover.ts';
import type { SitePorts } from '../ports/ports.ts';
import type { Store } from '../ports/store.ts';
import { localBatch } from './batch/local/local-batch.ts';
import type { Connection } from './catalog/embedded/database.ts';
import { embeddedCatalog } from './catalog/embedded/embedded-catalog.ts';
import { shellCounter } from './counter/shell.ts';
import { copyMover } from './mover/copy.ts';
import { folderSpool } from './spool/folder.ts';
import { pacedStore } from './store/paced.ts';
import { posixStore } from './store/posix.ts';

export interface OpenOptions {
  /** How the embedded catalog reaches PostgreSQL. */
  readonly catalogConnection: Connection;
  /** Refuse every effect: for dry runs. */
  readonly readOnly: boolean;
}

export interface OpenSite {
  readonly ports: SitePorts;
  readonly traits: Traits;
  close(): Promise<void>;
}

type Driver<Spec, Port, Rest extends readonly unknown[] = []> = (spec: Spec, ...rest: Rest) => Port;

const STORES: Readonly<Record<string, Driver<StoreSpec, Store, [string]>>> = {
  posix: (spec, name) => posixStore({ name, root: spec.root }),
};

const MOVERS: Readonly<Record<string, Driver<MoverSpec, Mover, [Store, Store, string, boolean]>>> = {
  copy: (_spec, from, to, spool, readOnly) => copyMover({ from, to, spool, readOnly }),
};

const BATCH_SYSTEMS: Readonly<Record<string, Driver<BatchSpec, BatchSystem, [string, boolean]>>> = {
  local: ({ options }, spool, readOnly) =>
    localBatch({
      folder: path.join(spool, 'batch'),
      readOnly,
      ...(typeof options.slots === 'number' ? { slots: options.slots } : {}),
    }),
};

/** Movers with which the catalog's own system brings files. */
const CATALOG_MOVERS = {};

type ClosableCatalog = Catalog & { close?(): Promise<void> };

const CATALOGS: Readonly<Record<string, Driver<CatalogSpec, ClosableCatalog, [OpenOptions]>>> = {
  embedded: ({ manifests, definitions, timeoutSeconds }, { catalogConnection, readOnly }) =>
    embeddedCatalog({
      connection: catalogConnection,
      manifests: [...manifests],
      definitions,
      timeoutMs: timeoutSeconds * 1000,
      readOnly,
    }),
};

/** Drivers that need nothing beside this machine; a site of only these may use the embedded database. */
const EMBEDDED = new Set(['posix', 'copy', 'local', 'embedded']);

/** Whether every driver of a site is an embedded one. */
export function isEmbeddedSite(site: SiteSpec): boolean {
  const drivers = [
    ...Object.values(site.stores).map((store) => store.driver),
    ...site.movers.map((mover) => mover.driver),
    site.batch.driver,
    site.catalog.driver,
  ];
  return drivers.every((driver) => EMBEDDED.has(driver));
}

/**
 * `driversMissing` says which drivers of a site this version does not have. A site without its store,
 * batch system, catalog or a mover between its stores cannot be opened; without a mover from the
 * catalog's own system it is, and files that only that could bring wait, which is told of each.
 *
 * @returns sentences, in the order of the site's fields; none where all are there
 */
export function driversMissing(site: SiteSpec): readonly string[] {
  const { stores, movers, batch, catalog } = site;
  const absent = (what: string, known: object, driver: string) =>
    Object.hasOwn(known, driver) ? [] : [`${what}: ${noDriver(known, driver)}`];
  return [
    ...Object.entries(stores).flatMap(([name, { driver }]) => absent(`store ${name}`, STORES, driver)),
    ...movers.flatMap((mover) =>
      absent(
        `mover ${endpointText(mover)}`,
        mover.from === FROM_CATALOG ? CATALOG_MOVERS : MOVERS,
        mover.driver,
      ),
    ),
    ...absent('batch', BATCH_SYSTEMS, batch.driver),
    ...absent('catalog', CATALOGS, catalog.driver),
  ];
}

function noDriver(known: object, driver: string): string {
  const names = Object.keys(known);
  return `this version has no driver ${driver} for it; it has ${names.length === 0 ? 'none' : names.join(', ')}`;
}

/**
 * Open the outside of a site. Nothing is asked of it yet. Movers from the catalog are left out.
 *
 * @throws DriverError `forbidden` for a driver this version does not have
 */
export function openSite(site: SiteSpec, options: OpenOptions): OpenSite {
  const { readOnly } = options;
  const stores = new Map(
    Object.entries(site.stores).map(([name, spec]) => {
      const store = pick(STORES, spec.driver, 'store')(spec, name);
      return [name, spec.callsPerMinute === null ? store : pacedStore(store, spec.callsPerMinute)];
    }),
  );
  const movers = new Map(
    [...impliedMovers(site), ...site.movers].flatMap((spec): [string, Mover][] => {
      const [from, to] = [stores.get(spec.from), stores.get(spec.to)];
      if (from === undefined || to === undefined) return [];
      const mover = pick(MOVERS, spec.driver, 'mover')(spec, from, to, site.spool.path, readOnly);
      return [[endpointText(spec), mover]];
    }),
  );
  const batch = pick(BATCH_SYSTEMS, site.batch.driver, 'batch system')(site.batch, site.spool.path, readOnly);
  const catalog = pick(CATALOGS, site.catalog.driver, 'catalog')(site.catalog, options);
  const spool = folderSpool({ path: site.spool.path, pretend: readOnly });
  const ports: SitePorts = { stores, movers, batch, catalog, spool, counter: shellCounter() };
  return { ports, traits: traitsOf(site, ports), close: async () => catalog.close?.() };
}

/** The links over which a site can bring files, as `from>to`. */
export function endpointsOf(site: SiteSpec): readonly string[] {
  return [...new Set([...site.movers, ...impliedMovers(site)].map(endpointText))];
}

/** Between folders of this machine anything can be copied, whether or not the site says so. */
function impliedMovers(site: SiteSpec): readonly MoverSpec[] {
  const folders = Object.entries(site.stores).flatMap(([name, { driver }]) =>
    driver === 'posix' ? [name] : [],
  );
  return folders.flatMap((from) =>
    folders.flatMap((to) =>
      from === to ? [] : [{ from, to, driver: 'copy', path: '', filesPerSubmission: 50, options: {} }],
    ),
  );
}

function pick<D>(drivers: Readonly<Record<string, D>>, name: string, what: string): D {
  const driver = Object.hasOwn(drivers, name) ? drivers[name] : undefined;
  if (driver !== undefined) return driver;
  const known = Object.keys(drivers).join(', ');
  throw new DriverError('forbidden', `this version has no ${what} driver ${name}; it has: ${known}`);
}

function traitsOf(site: SiteSpec, { stores, movers, batch }: SitePorts): Traits {
  const filesPerSubmission = (endpoint: string) =>
    [...site.movers, ...impliedMovers(site)].find((mover) => endpointText(mover) === endpoint)
      ?.filesPerSubmission ?? 1;
  return {
    batch,
    movers: new Map(
      [...movers].map(([endpoint, { driver, callTimeoutMs, absentIsFinal }]) => [
        endpoint,
        { driver, callTimeoutMs, absentIsFinal, filesPerSubmission: filesPerSubmission(endpoint) },
      ]),
    ),
    proofs: new Map([...stores].map(([name, store]) => [name, store.proofs])),
    checksums: new Map([...stores].map(([name, store]) => [name, store.checksums])),
  };
}
