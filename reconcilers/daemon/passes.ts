/** The passes of one dataset, each guarded: members, a phase; and the sweep of a site. */
import type { Phase } from '../../machines/model.ts';
import { MEMBERS_UNREAD } from '../../machines/problems.ts';
import type { SiteSpec } from '../../specs/types.ts';
import { lookInPlace } from '../act/look-in-place.ts';
import { refreshMembers, refreshSources } from '../act/members.ts';
import { membersAreDue, sourcesMayMove } from '../decide/members/membership.ts';
import { groupBy } from '../model/group-by.ts';
import { NoDataset } from '../model/records.ts';
import type { DatasetRow } from '../model/rows.ts';
import { isQuiet, type PassReport } from '../pass-report.ts';
import { DriverError } from '../ports/errors.ts';
import { reconcile } from '../reconcile.ts';
import { sweep } from '../sweep.ts';
import { type Daemon, guarded, type MembersReport } from './daemon.ts';
import type { LanePass, LaneResult } from './lanes.ts';

/** `PassOptions` says how much a pass looks at, and whether it acts. */
export interface PassOptions {
  /** Look also at what should not have changed. */
  readonly resync: boolean;
  readonly dryRun: boolean;
}

/** Ask for the members of a dataset where it is time to. @returns what came of it, or what stopped it; null: it was not time */
export async function membersPass(
  daemon: Daemon,
  dataset: DatasetRow,
  { resync }: Pick<PassOptions, 'resync'>,
): Promise<MembersReport | null | Error> {
  const asks = membersAreDue(dataset, resync, await daemon.records.now());
  if (!asks && !(resync && sourcesMayMove(dataset))) return null;
  const result = await guarded(daemon, `${dataset.name}/members`, async () => {
    const { ports } = daemon.siteOf(dataset.loaded.site);
    const around = { ...daemon, ports };
    const answer = await (asks ? refreshMembers : refreshSources)(dataset, around);
    const changed = resync ? await lookInPlace(dataset, around) : 0;
    return { dataset: dataset.name, ...answer, contradicted: answer.contradicted + changed };
  });
  await tellUnread(daemon, dataset, result);
  return result;
}

/** People are told of a system that names files and does not answer, until it does: nobody else asks it. */
async function tellUnread({ records }: Daemon, dataset: DatasetRow, result: unknown): Promise<void> {
  if (result instanceof Error && !(result instanceof DriverError)) return;
  const problem = result instanceof DriverError ? { class: null, message: result.message } : null;
  await records.tell(dataset, MEMBERS_UNREAD, problem, await records.now(), 'members');
}

/** Whether an answer about members changed something, or is not believed in all. */
export function isNews(report: MembersReport): boolean {
  const { added, gone, corrected, contradicted, moved, held, runless } = report;
  return added + gone + corrected + contradicted + moved > 0 || held !== null || runless !== null;
}

/** One pass of one phase, told of. @returns its report, or what stopped it */
export async function phasePass(
  daemon: Daemon,
  dataset: DatasetRow,
  phase: Phase,
  options: PassOptions,
): Promise<PassReport | Error> {
  const report = await guarded(daemon, `${dataset.name}/${phase}`, () =>
    reconcile({ dataset, phase, ...options }, around(daemon, dataset)),
  );
  if (!(report instanceof Error)) daemon.onPass(report);
  return report;
}

/**
 * Sweep a site, told of.
 *
 * @returns its reports, or what stopped it; the datasets of a name may have been
 *   written under different specs of the site, each of which is swept by itself
 */
export async function sweepPass(
  daemon: Daemon,
  site: string,
  options: PassOptions,
): Promise<readonly (PassReport | Error)[]> {
  const datasets = (await daemon.records.datasets()).filter(({ loaded }) => loaded.site.name === site);
  const result: (PassReport | Error)[] = [];
  for (const alike of groupBy(datasets, ({ loaded }) => JSON.stringify(loaded.site)).values()) {
    const [first] = alike;
    if (first === undefined) continue;
    const reports = await guarded(daemon, `site ${site}/sweep`, () =>
      sweep(alike, options, around(daemon, first)),
    );
    if (reports instanceof Error) result.push(reports);
    else for (const report of reports) daemon.onPass(report);
    if (!(reports instanceof Error)) result.push(...reports);
  }
  return result;
}

function around({ siteOf, records, signal }: Daemon, { loaded }: DatasetRow) {
  return { ...siteOf(loaded.site), records, storesOf: (site: SiteSpec) => siteOf(site).ports.stores, signal };
}

/** The passes of a daemon, for its lanes. */
export function lanePass(daemon: Daemon): LanePass {
  const lookedAt = new Map<string, number>();
  return async (name, lane, resync) => {
    const options = { resync, dryRun: false };
    if (lane === 'sweep') return worstOf((await sweepPass(daemon, name, options)).map(laneResultOf));
    const dataset = await stillThere(daemon.records.dataset(name));
    if (dataset === undefined) return 'quiet';
    if (lane === 'members') {
      // A changed spec, or site, may say that files come from elsewhere.
      const isNew = lookedAt.get(name) !== dataset.generation;
      const result = await membersPass(daemon, dataset, { resync: resync || isNew });
      if (result instanceof Error) return 'trouble';
      lookedAt.set(name, dataset.generation);
      if (result === null || !isNews(result)) return 'quiet';
      daemon.onMembers(result);
      return 'moved';
    }
    return laneResultOf(await phasePass(daemon, dataset, lane, options));
  };
}

/** What was asked of a dataset, or of what is under its name now; undefined where it was given another. */
export async function stillThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof NoDataset) return undefined;
    throw error;
  }
}

function worstOf(all: readonly LaneResult[]): LaneResult {
  return (['trouble', 'moved'] as const).find((result) => all.includes(result)) ?? 'quiet';
}

function laneResultOf(report: PassReport | Error): LaneResult {
  if (report instanceof Error) return 'trouble';
  if (!isQuiet(report)) return 'moved';
  return report.unanswered.size + report.failures.length > 0 ? 'trouble' : 'quiet';
}
