/**
 * The spine run again and again: every dataset, every phase, from the last phase
 * to the first, so that within one round no phase feeds another that comes later
 * and a dry run prints what a round does.
 */

import { PHASES, type Phase } from '../../machines/model.ts';
import type { LoadedSpecs, SpecOrigin } from '../../specs/types.ts';
import { askMembers } from '../act/members.ts';
import { noteHolds } from '../act/note-holds.ts';
import { type Following, followingOf } from '../decide/following.ts';
import { olderText } from '../decide/older.ts';
import { type Rest, restOf } from '../decide/rest.ts';
import type { DatasetRow } from '../model/rows.ts';
import { isQuiet, type PassReport } from '../pass-report.ts';
import { type Daemon, guarded, isForAPerson } from './daemon.ts';
import { type Applied, applySpecs } from './datasets.ts';
import { lookAtMembers } from './look-at-members.ts';
import { type PassOptions, phasePass, stillThere, sweepPass } from './passes.ts';

/** `RoundOptions` says which phases a round goes through, and how. */
export interface RoundOptions extends PassOptions {
  readonly phases: readonly Phase[];
}

/** `RoundResult` is what one round over datasets came to. */
export interface RoundResult {
  readonly reports: readonly PassReport[];
  readonly quiet: boolean;
  readonly rests: ReadonlyMap<string, Rest>;
  /** By dataset: what follows what was planned, where that goes well. */
  readonly following: ReadonlyMap<string, readonly Following[]>;
  /** By dataset: what is said of files that are done under an older revision and stay so. */
  readonly older: ReadonlyMap<string, string>;
  /** What could not be done, by dataset and phase. */
  readonly errors: readonly string[];
  /** Some of that only a person can end. */
  readonly needsPerson: boolean;
  /** Listed files that may still be written. */
  readonly arriving: number;
}

/** Make the datasets on record those of the specs. */
export async function takeUpSpecs(
  daemon: Daemon,
  specs: LoadedSpecs,
  isCovered: (origin: SpecOrigin) => boolean,
): Promise<Applied> {
  const { records, siteOf, manifest, signal } = daemon;
  return applySpecs(specs, {
    records,
    isCovered,
    ask: (dataset) => askMembers(dataset, siteOf(dataset.loaded.site).ports, manifest, signal),
    guarded: (about, act) => guarded(daemon, `${about}/spec`, act),
  });
}

/** One round over datasets on record. */
export async function round(
  daemon: Daemon,
  among: (dataset: DatasetRow) => boolean,
  options: RoundOptions,
): Promise<RoundResult> {
  const reports: PassReport[] = [];
  const errors: string[] = [];
  let needsPerson = false;
  const rests = new Map<string, Rest>();
  const following = new Map<string, readonly Following[]>();
  const older = new Map<string, string>();
  const note = (of: string, result: PassReport | Error) => {
    if (!(result instanceof Error)) {
      reports.push(result);
      return;
    }
    errors.push(`${of}: ${result.message}`);
    needsPerson ||= isForAPerson(result);
  };
  const datasets = (await daemon.records.datasets()).filter(among);
  const names = datasets.map(({ name }) => name);
  const looked = await lookAtMembers(daemon, names, options);
  let arriving = 0;
  for (const name of names) {
    // A person may have given it another name since.
    if ((await stillThere(daemon.records.dataset(name))) === undefined) continue;
    const stopped = looked.get(name);
    if (stopped !== undefined) note(`${name}/members`, stopped);
    for await (const { of, result } of passesOf(daemon, name, options)) note(`${name}/${of}`, result);
    const dataset = await daemon.records.dataset(name);
    const [totals, now] = [await daemon.records.totals(dataset), await daemon.records.now()];
    if (!options.dryRun && options.phases.includes('process')) {
      await noteHolds({ dataset, totals, now }, daemon.records);
    }
    arriving += totals.arriving.files;
    rests.set(name, restOf({ dataset, totals, now }, options.phases));
    const kept = olderText({ dataset, totals });
    if (kept !== null) older.set(name, kept);
    const own = reports.filter((report) => report.dataset === name);
    if (options.dryRun) following.set(name, followingOf(dataset.loaded.spec, own));
  }
  for (const site of new Set(datasets.map(({ loaded }) => loaded.site.name))) {
    for (const result of await sweepPass(daemon, site, options)) note(`site ${site}/sweep`, result);
  }
  return { reports, errors, needsPerson, rests, following, older, arriving, quiet: reports.every(isQuiet) };
}

/** What each pass of a dataset's round came to, with its name. */
async function* passesOf(daemon: Daemon, name: string, options: RoundOptions) {
  // Read anew: what the members answered may hold it.
  const dataset = await daemon.records.dataset(name);
  for (const phase of PHASES.toReversed().filter((one) => options.phases.includes(one))) {
    yield { of: phase, result: await phasePass(daemon, dataset, phase, options) };
  }
}
