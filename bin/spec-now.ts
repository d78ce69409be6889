/** A dataset's spec as it stands in its file now, against the one in force: for commands that read no folder of specs. */
import { dirname } from 'node:path';
import type { Daemon } from '../reconcilers/daemon/daemon.ts';
import { takeUpSpecs } from '../reconcilers/daemon/rounds.ts';
import { isSameSpec } from '../reconcilers/decide/specs/refusal.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import { formatProblem } from '../specs/errors.ts';
import { loadSpecs } from '../specs/load.ts';
import type { LoadedDataset, LoadedSpecs } from '../specs/types.ts';
import { UserError } from './failure.ts';
import { lookedAtFolder } from './state.ts';

/** What has become of a dataset's spec since it was last applied. */
export type SpecNow =
  | { readonly is: 'in force'; readonly dataset: DatasetRow }
  | {
      readonly is: 'changed';
      readonly dataset: DatasetRow;
      readonly loaded: LoadedDataset;
      readonly specs: LoadedSpecs;
    }
  /** It is gone or wrong. */
  | { readonly is: 'lost'; readonly dataset: DatasetRow; readonly because: string };

/** Read the specs of datasets where they stood when they were last applied. */
export async function specsNow(
  datasets: readonly DatasetRow[],
  signal: AbortSignal,
): Promise<readonly SpecNow[]> {
  const read = new Map<string, LoadedSpecs>();
  const found: SpecNow[] = [];
  for (const dataset of datasets) {
    const places = placesOf(dataset);
    const key = places.join('\0');
    const specs = read.get(key) ?? (await loadSpecs(places, { stateDir: lookedAtFolder(), signal }));
    read.set(key, specs);
    found.push(specNow(dataset, specs));
  }
  return found;
}

/** The file of the spec and that of its site. An older program did not record the latter: it is looked for. */
function placesOf({ loaded }: DatasetRow): readonly string[] {
  const { file, siteFile } = loaded.origin;
  if (siteFile === undefined) return [file, dirname(file)];
  return siteFile === null || siteFile === file ? [file] : [file, siteFile];
}

function specNow(dataset: DatasetRow, specs: LoadedSpecs): SpecNow {
  const { file } = dataset.loaded.origin;
  const loaded = specs.datasets.find(
    ({ spec, origin }) => spec.name === dataset.name && origin.file === file,
  );
  if (loaded !== undefined) {
    // What it was orphaned for is over: it is asked for again.
    return isSameSpec(dataset, loaded) && dataset.orphanedMs === null
      ? { is: 'in force', dataset }
      : { is: 'changed', dataset, loaded, specs };
  }
  const problem = specs.problems.find((one) => one.file === file) ?? specs.problems[0];
  const because = problem === undefined ? `${file} asks for it no more` : formatProblem(problem);
  return { is: 'lost', dataset, because };
}

/** What people are told of a spec that is not the one in force; null where it is. */
export function specSentence(now: SpecNow): string | null {
  const { name, generation } = now.dataset;
  if (now.is === 'in force') return null;
  if (now.is === 'changed') {
    return `${name}: its spec has changed since generation ${generation} was applied; \`rereco reconcile\` applies it`;
  }
  return `${name}: its spec is lost or wrong, generation ${generation} stays in force: ${now.because}`;
}

/**
 * Apply changed specs exactly as a reconcile would.
 *
 * @returns the datasets as they are then
 * @throws UserError for a spec that is refused, or of which nobody can say now whether it is
 */
export async function applyChanged(
  changed: readonly (SpecNow & { readonly is: 'changed' })[],
  daemon: Daemon,
): Promise<readonly DatasetRow[]> {
  const applied: DatasetRow[] = [];
  for (const { dataset, loaded, specs } of changed) {
    const onlyThis = { ...specs, datasets: [loaded], problems: [], passedOver: [] };
    // Nothing else is asked for here, which must orphan nothing.
    const { refused } = await takeUpSpecs(daemon, onlyThis, () => false);
    const now = await daemon.records.dataset(dataset.name);
    if (!isSameSpec(now, loaded)) {
      throw new UserError(notApplied(dataset, refused[0]?.sentence ?? 'it cannot be said whether it may be'));
    }
    applied.push(now);
  }
  return applied;
}

/** Why a command does not go on, and how it may. */
export function notApplied({ name, generation }: DatasetRow, because: string): string {
  return (
    `the spec of ${name} has changed, and cannot be applied: ${because}\n` +
    `nothing was done: put the spec right, or add --as-recorded to go on by generation ${generation}, as it was applied`
  );
}
