import { join, resolve } from 'node:path';
import type { FilledMover, FilledSite, FilledStore } from './filled.ts';
import { plainFolder } from './normalise.ts';
import type { BatchSpec, CatalogSpec, MoverSpec, SiteSpec, StoreSpec } from './types.ts';

/**
 * The spec of a site whose document has no problem.
 *
 * @param folder    what its relative paths are relative to
 * @param stateDir  the program's own folder, in which the spool lies by default
 */
export function siteSpec({ metadata, spec }: FilledSite, folder: string, stateDir: string): SiteSpec {
  const stores = Object.entries(spec.stores).map(([name, store]) => [name, storeSpec(store, folder)]);
  return {
    name: metadata.name,
    spool: {
      path:
        spec.spool.path === undefined ? join(resolve(stateDir), 'spool') : resolve(folder, spec.spool.path),
      keepFreeBytes: spec.spool.keepFree,
    },
    stores: Object.fromEntries(stores),
    movers: spec.movers.map(moverSpec),
    batch: batchSpec(spec.batch),
    catalog: catalogSpec(spec.catalog, folder),
    unknownAfterSeconds: spec.unknownAfter,
    scrub:
      spec.scrub === undefined
        ? null
        : { everySeconds: spec.scrub.every, bytesPerDay: spec.scrub.bytesPerDay },
    embeddedDatabase: spec.embeddedDatabase,
  };
}

function storeSpec(store: FilledStore, folder: string): StoreSpec {
  const { driver, root, keepFree, deleteProof, callsPerMinute, ...options } = store;
  return {
    driver,
    root: driver === 'posix' ? resolve(folder, root) : root,
    keepFreeBytes: keepFree,
    deleteProof: deleteProof ?? null,
    callsPerMinute: callsPerMinute ?? null,
    options,
  };
}

function moverSpec({ from, to, driver, path, filesPerSubmission, ...options }: FilledMover): MoverSpec {
  return { from, to, driver, path: plainFolder(path), filesPerSubmission, options };
}

/** The batch system's own options and the driver's fields share one map; a field wins over an option. */
function batchSpec({ driver, maxQueued, options, ...fields }: FilledSite['spec']['batch']): BatchSpec {
  return { driver, maxQueued, options: { ...options, ...fields } };
}

function catalogSpec(catalog: FilledSite['spec']['catalog'], folder: string): CatalogSpec {
  const { driver, timeout, manifests, definitions, ...options } = catalog;
  return {
    driver,
    timeoutSeconds: timeout,
    manifests: (manifests ?? []).map((manifest) => resolve(folder, manifest)),
    definitions: definitions ?? {},
    options,
  };
}
