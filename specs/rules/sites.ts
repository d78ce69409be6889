import { FROM_CATALOG } from '../../machines/model.ts';
import type { Issue, Path } from '../document.ts';
import { DRIVERS, type DriverPort, readersOf } from '../drivers.ts';
import type { FilledSite } from '../filled.ts';
import { suggestion } from '../nearest.ts';
import { FOLDER_NAMES, folderIssues } from './templates.ts';

/** A site's parts fit together: fields belong to their drivers, movers join stores that exist. */
export function site({ spec }: FilledSite): readonly Issue[] {
  const at: Path = ['spec'];
  return [
    ...Object.entries(spec.stores).flatMap(([name, store]) =>
      fieldIssues([...at, 'stores', name], 'store', store),
    ),
    ...spec.movers.flatMap((mover, index) => fieldIssues([...at, 'movers', index], 'mover', mover)),
    ...fieldIssues([...at, 'batch'], 'batch', spec.batch),
    ...fieldIssues([...at, 'catalog'], 'catalog', spec.catalog),
    ...storeIssues(spec),
    ...spec.movers.flatMap((mover, index) =>
      moverIssues([...at, 'movers', index], mover, Object.keys(spec.stores)),
    ),
    ...homeIssues([...at, 'spool', 'path'], spec.spool.path ?? ''),
    ...secretIssues(at, spec),
  ];
}

/** A field only some drivers read is an error on the others: it would do nothing there. */
function fieldIssues(path: Path, port: DriverPort, part: { readonly driver: string }): readonly Issue[] {
  const own = DRIVERS[port][part.driver];
  if (own === undefined) return [];
  return Object.keys(part).flatMap((field): readonly Issue[] => {
    const readers = readersOf(port, field);
    if (readers.length === 0 || own.includes(field)) return [];
    return [
      {
        path: [...path, field],
        sentence: `driver ${part.driver} has no such field; it is for ${readers.join(', ')}`,
        at: 'key',
      },
    ];
  });
}

function storeIssues(spec: FilledSite['spec']): readonly Issue[] {
  const owners = new Map<string, string>();
  return Object.entries(spec.stores).flatMap(([name, store]): readonly Issue[] => {
    const path: Path = ['spec', 'stores', name];
    const twin = owners.get(placeOf(store));
    if (twin === undefined) owners.set(placeOf(store), name);
    const same = `the same place as store ${twin}; a copy in one would be the file in the other`;
    return [
      ...(name === 'catalog'
        ? [{ path, sentence: 'catalog is what movers call the catalog; name the store otherwise' }]
        : []),
      ...(store.driver === 'posix' ? homeIssues([...path, 'root'], store.root) : []),
      ...(twin === undefined || store.root === '' ? [] : [{ path: [...path, 'root'], sentence: same }]),
    ];
  });
}

function placeOf(store: { readonly driver: string; readonly root: string; readonly host?: string }): string {
  return JSON.stringify([store.driver, store.host, store.root.replace(/\/+$/, '')]);
}

function moverIssues(
  path: Path,
  mover: FilledSite['spec']['movers'][number],
  stores: readonly string[],
): readonly Issue[] {
  const ends = [
    { field: 'from', name: mover.from, known: [...stores, FROM_CATALOG] },
    { field: 'to', name: mover.to, known: stores },
  ];
  return [
    ...ends.flatMap(({ field, name, known }) =>
      name === '' || known.includes(name)
        ? []
        : [
            {
              path: [...path, field],
              sentence: `this site has no store ${name}; ${suggestion(name, known)}`,
            },
          ],
    ),
    ...(mover.from === mover.to && mover.to !== ''
      ? [{ path: [...path, 'to'], sentence: 'is where the files come from' }]
      : []),
    ...folderIssues([...path, 'path'], mover.path, FOLDER_NAMES),
  ];
}

function homeIssues(path: Path, folder: string): readonly Issue[] {
  if (!folder.startsWith('~')) return [];
  return [{ path, sentence: `${folder} begins with ~, which only shells know; write the path out` }];
}

/** Addresses with a password in them, anywhere: specs lie in git. */
function secretIssues(path: Path, value: unknown): readonly Issue[] {
  if (typeof value === 'string' && /\/\/[^/@\s:]+:[^/@\s]+@/.test(value)) {
    return [{ path, sentence: 'holds a password; name a file or an environment variable under credential' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) =>
    secretIssues([...path, Array.isArray(value) ? Number(key) : key], below),
  );
}
