/**
 * The spine run again and again: every dataset, every phase, from the last phase
 * to the first, so that within one round no phase feeds another that comes later
 * and a dry run prints what a round does.
 */
import { PHASES, type Phase } from '../../machines/model.ts';
import type { LoadedSpecs, SiteSpec } from '../../specs/types.ts';
import { type ManifestReader, membersAreDue, refreshMembers } from '../act/members.ts';
import type { DatasetRow } from '../decide/rows.ts';
import { isQuiet, type PassReport } from '../pass-report.ts';
import { DriverError } from '../ports/errors.ts';
import type { Records } from '../ports/records.ts';
import { reconcile, type Surroundings } from '../reconcile.ts';
import { sweep } from '../sweep.ts';
import { applySpecs } from './datasets.ts';
import { type Rest, restOf } from './settled.ts';

export interface Site extends Pick<Surroundings, 'ports' | 'traits'> {}

export interface Daemon {
  readonly records: Records;
  readonly siteOf: (site: SiteSpec) => Site;
  readonly manifest: ManifestReader;
  readonly signal: AbortSignal;
  /** Told of every pass that did or met something. */
  readonly tell: (report: PassReport) => void;
  /** Told of what stops only one dataset or phase. */
  readonly complain: (about: string, error: Error) => void;
}

export interface RoundOptions {
  readonly phases: readonly Phase[];
  readonly resync: boolean;
  readonly dryRun: boolean;
}

export interface RoundResult {
  readonly reports: readonly PassReport[];
  readonly quiet: boolean;
  readonly rests: ReadonlyMap<string, Rest>;
  /** What could not be done, by dataset and phase. */
  readonly errors: readonly string[];
  /** Some of that only a person can end. */
  readonly needsPerson: boolean;
}

/** Make the datasets on record those of the specs, members and all. */
export async function takeUpSpecs(
  daemon: Daemon,
  specs: LoadedSpecs,
  isCovered: (file: string) => boolean,
): Promise<readonly string[]> {
  const applied = await applySpecs(specs, isCovered, daemon.records);
  const now = await daemon.records.now();
  for (const { dataset, generationIsNew } of applied) {
    if (!membersAreDue(dataset, generationIsNew, now)) continue;
    await alone(daemon, `${dataset.name}/members`, () =>
      refreshMembers(dataset, generationIsNew, {
        ...daemon,
        ports: daemon.siteOf(dataset.loaded.site).ports,
      }),
    );
  }
  return applied.map(({ dataset }) => dataset.name);
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
  for (const dataset of (await daemon.records.datasets()).filter(among)) {
    for (const phase of [...PHASES].reverse().filter((one) => options.phases.includes(one))) {
      const report = await alone(daemon, `${dataset.name}/${phase}`, () =>
        reconcile(
          { dataset, phase, resync: options.resync, dryRun: options.dryRun },
          { ...daemon.siteOf(dataset.loaded.site), records: daemon.records, signal: daemon.signal },
        ),
      );
      if (report instanceof Error) {
        errors.push(`${dataset.name}/${phase}: ${report.message}`);
        needsPerson ||= isForAPerson(report);
        continue;
      }
      reports.push(report);
      daemon.tell(report);
    }
    const swept = await alone(daemon, `${dataset.name}/sweep`, () =>
      sweep(dataset, options, {
        ...daemon.siteOf(dataset.loaded.site),
        records: daemon.records,
        signal: daemon.signal,
      }),
    );
    if (swept instanceof Error) errors.push(`${dataset.name}/sweep: ${swept.message}`);
    else {
      reports.push(swept);
      daemon.tell(swept);
    }
    const [totals, now] = [await daemon.records.totals(dataset), await daemon.records.now()];
    rests.set(dataset.name, restOf({ dataset, totals, now }));
  }
  return { reports, errors, needsPerson, rests, quiet: reports.every(isQuiet) };
}

/** One bad thing stops only itself: the others go on (law 8). The database's absence stops all. */
async function alone<T>(daemon: Daemon, about: string, act: () => Promise<T>): Promise<T | Error> {
  try {
    return await act();
  } catch (error) {
    daemon.signal.throwIfAborted();
    const stopsOnlyThis = error instanceof DriverError || (error instanceof Error && KNOWN.has(error.name));
    if (!stopsOnlyThis) throw error;
    daemon.complain(about, error);
    return error;
  }
}

/** Waiting cannot help: whose things these are, or what this program may do, is for a person to say. */
function isForAPerson(error: Error): boolean {
  return error.name === 'ForeignMarker' || (error instanceof DriverError && error.code === 'forbidden');
}

const KNOWN = new Set(['LeaseLost', 'ForeignMarker', 'StaleRow', 'TemplateError']);
