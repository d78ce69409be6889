/** The folders in which sites keep data: pure. */
import { join } from 'node:path';
import type { LoadedDataset, LoadedSpecs, SiteSpec } from './types.ts';

/**
 * The folders that are known to hold data, absolute: roots of stores, spools, and the folders below
 * a root that a dataset's inputs, outputs and logs lie in. Those with specs in them are left out: in
 * the smallest campaign the folder of the spec is the store.
 */
export function dataFolders({ datasets, sites, problems }: LoadedSpecs): readonly string[] {
  const ours = datasets.flatMap(({ origin }) => [origin.file, origin.siteFile ?? origin.file]);
  const specs = [...ours, ...problems.map(({ file }) => file)];
  const all = [...sites, ...datasets.map(({ site }) => site)];
  const folders = [
    ...all.flatMap(rootsOf),
    ...all.map(({ spool }) => spool.path),
    ...datasets.flatMap(partsOf),
  ];
  const holdsSpecs = (folder: string) => specs.some((file) => file.startsWith(`${folder}/`));
  return [...new Set(folders)].filter((folder) => !holdsSpecs(folder)).sort();
}

function rootsOf({ stores }: SiteSpec): readonly string[] {
  return Object.values(stores).flatMap(({ driver, root }) => (driver === 'posix' ? [root] : []));
}

/** What comes before the first placeholder or wildcard of each path, below each root. */
function partsOf({ spec, site }: LoadedDataset): readonly string[] {
  const { input, outputs, archive } = spec;
  const paths = [
    input.path,
    ...(input.source.kind === 'files' ? input.source.files : []),
    ...outputs.flatMap(({ path, export: sent }) => [path, sent?.path ?? '']),
    archive?.path ?? '',
  ];
  const fixed = paths.map((path) => {
    const parts = path.split('/');
    const first = parts.findIndex((part) => /[{*?[]/.test(part));
    return (first < 0 ? parts : parts.slice(0, first)).filter((part) => part !== '').join('/');
  });
  const below = fixed.filter((path) => path !== '');
  return rootsOf(site).flatMap((root) => below.map((path) => join(root, path)));
}
