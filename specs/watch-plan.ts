/** Which folders are watched by events, which are looked at now and then: pure. */
import type { Scan, SeenFolder } from './watch-scan.ts';

export interface WatchPlan {
  /** Few enough for the system, each with few enough files to be listed at every event in it. */
  readonly watched: readonly string[];
  /** Too full for that, and listed every moment instead. */
  readonly crowded: readonly string[];
}

/** Each costs one of the system's watches, as each spec file in it does; by default a user has 8,192 or more. */
export const MOST_WATCHED = 1_000;

/** An event in a folder has everything in it listed and asked for anew. */
export const CROWDED = 500;

/**
 * Plan a watch of folders that were looked through.
 *
 * Roots and folders with specs come first, then the others from the top down. What is not in the
 * plan is looked through once in a while, as everything is.
 */
export function planWatch({ folders }: Scan, roots: readonly string[]): WatchPlan {
  const matters = (folder: SeenFolder) => folder.holdsSpecs || roots.includes(folder.path);
  const isCrowded = ({ entries }: SeenFolder) => entries > CROWDED;
  const first = [...folders.filter(matters), ...folders.filter((folder) => !matters(folder))];
  const paths = (some: readonly SeenFolder[]) => some.map(({ path }) => path);
  return {
    watched: paths(first.filter((folder) => !isCrowded(folder)).slice(0, MOST_WATCHED)),
    crowded: paths(folders.filter((folder) => isCrowded(folder) && matters(folder))),
  };
}
