import type { SweepRecords } from '../model/sweeping.ts';

/** What a dry run may know of a sweep; it takes no lease and writes nothing. @param base  null: no database */
export function previewSweeping(base: SweepRecords | null): SweepRecords {
  const refuse = () => Promise.reject(new Error('a dry run writes nothing; please report'));
  return {
    unswept: (datasets) => base?.unswept(datasets) ?? Promise.resolve(new Map()),
    overAmong: (names) => base?.overAmong(names) ?? Promise.resolve(new Map()),
    knownAmong: (names) => base?.knownAmong(names) ?? Promise.resolve(new Set()),
    undropped: (datasets) => base?.undropped(datasets) ?? Promise.resolve([]),
    lease: refuse,
    renew: refuse,
    release: refuse,
    number: refuse,
    commit: refuse,
  };
}
