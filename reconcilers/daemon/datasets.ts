/** Bringing the datasets on record in line with the specs that were read. */

import type { LoadedDataset, LoadedSpecs } from '../../specs/types.ts';
import type { DatasetRow } from '../decide/rows.ts';
import type { Records } from '../ports/records.ts';

/** A dataset to work on, and whether its generation is new to its members. */
export interface Applied {
  readonly dataset: DatasetRow;
  readonly generationIsNew: boolean;
}

/**
 * Record what is new in the specs, and which datasets no spec asks for any more.
 *
 * A dataset is orphaned only when its file was among the places that were read
 * and neither it nor a broken file could still hold it.
 *
 * @returns the datasets of the specs, in name order
 */
export async function applySpecs(
  specs: LoadedSpecs,
  isCovered: (file: string) => boolean,
  records: Records,
): Promise<readonly Applied[]> {
  const known = new Map((await records.datasets()).map((row) => [row.name, row]));
  const now = await records.now();
  const applied: Applied[] = [];
  for (const loaded of specs.datasets) {
    const before = known.get(loaded.spec.name);
    if (before !== undefined && isSame(before, loaded)) {
      if (before.orphanedMs !== null) await records.orphan(before, false, now);
      applied.push({ dataset: { ...before, orphanedMs: null }, generationIsNew: false });
      continue;
    }
    applied.push({ dataset: await records.apply(loaded, now), generationIsNew: true });
  }
  await markOrphans(specs, isCovered, [...known.values()], records, now);
  return applied;
}

/** A spec that says the same from the same place makes no new generation. */
function isSame({ loaded: before }: DatasetRow, after: LoadedDataset): boolean {
  return before.digest === after.digest && before.origin.file === after.origin.file;
}

async function markOrphans(
  specs: LoadedSpecs,
  isCovered: (file: string) => boolean,
  known: readonly DatasetRow[],
  records: Records,
  now: number,
): Promise<void> {
  const asked = new Set(specs.datasets.map((loaded) => loaded.spec.name));
  const broken = new Set(specs.problems.map((problem) => problem.file));
  for (const row of known) {
    const { file } = row.loaded.origin;
    if (asked.has(row.name) || row.orphanedMs !== null) continue;
    if (isCovered(file) && !broken.has(file)) await records.orphan(row, true, now);
  }
}
