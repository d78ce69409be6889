import type { Issue, Path } from '../document.ts';
import type { FilledDataset, FilledSite, FilledStore } from '../filled.ts';
import { suggestion } from '../nearest.ts';

/** Drivers whose stores exchange files among themselves without a mover of the site. */
const SELF_MOVING = ['posix', 'xrootd', 'gridftp'];

/** Every store a dataset names is one of its site's, and exports have a way to go. */
export function storesOfDataset({ spec }: FilledDataset, site: FilledSite): readonly Issue[] {
  const archive = spec.archive === 'none' ? undefined : spec.archive.store;
  return [
    ...storeIssues(['spec', 'input', 'store'], spec.input.store, site),
    ...storeIssues(['spec', 'archive', 'store'], archive, site),
    ...Object.entries(spec.outputs).flatMap(([key, output]) => [
      ...storeIssues(['spec', 'outputs', key, 'store'], output.store, site),
      ...storeIssues(['spec', 'outputs', key, 'export', 'to'], output.export?.to, site),
      ...wayIssues(
        ['spec', 'outputs', key, 'export', 'to'],
        output.store ?? spec.input.store,
        output.export?.to,
        site,
      ),
    ]),
  ];
}

function storeIssues(path: Path, name: string | undefined, site: FilledSite): readonly Issue[] {
  const stores = Object.keys(site.spec.stores);
  if (name === undefined || name === '' || stores.includes(name)) return [];
  return [{ path, sentence: `site ${site.metadata.name} has no store ${name}; ${suggestion(name, stores)}` }];
}

function wayIssues(
  path: Path,
  written: string | undefined,
  to: string | undefined,
  site: FilledSite,
): readonly Issue[] {
  const from = written ?? Object.keys(site.spec.stores)[0];
  const [source, target] = [storeOf(site, from), storeOf(site, to)];
  if (source === undefined || target === undefined) return [];
  if (from === to) return [{ path, sentence: `${to} is the store it is already in; export to another` }];

  const moved = site.spec.movers.some((mover) => mover.from === from && mover.to === to);
  if (moved || (source.driver === target.driver && SELF_MOVING.includes(source.driver))) return [];
  return [
    {
      path,
      sentence: `site ${site.metadata.name} has no mover from ${from} to ${to}; add one to its spec.movers`,
    },
  ];
}

function storeOf(site: FilledSite, name: string | undefined): FilledStore | undefined {
  return name !== undefined && Object.hasOwn(site.spec.stores, name) ? site.spec.stores[name] : undefined;
}
