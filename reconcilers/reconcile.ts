/**
 * The spine: one pass of one phase over one dataset.
 *
 * What is wanted is compared with what is seen and what is remembered; the plan
 * is made; its intents are committed; its steps are taken; what came of them is
 * recorded. A dry run is the same with everything after the plan cut off.
 */

import type { Phase } from '../machines/model.ts';
import type { SiteSpec } from '../specs/types.ts';
import { carryOut } from './act/carry-out.ts';
import { type Clock, REAL_CLOCK } from './act/clock.ts';
import { withHolders } from './act/holders.ts';
import { checkMarkers, markedPlaces } from './act/marker.ts';
import { noteHolds } from './act/note-holds.ts';
import { noteHealth, observe, roundsOf } from './act/observe.ts';
import { checkTold, tellingForeign } from './act/tell-foreign.ts';
import { consider } from './decide/consider.ts';
import { RULES } from './decide/rules/all.ts';
import { budgetOf } from './decide/steps/budget.ts';
import { stoodAt } from './decide/stood.ts';
import { watchesSpace } from './decide/stops/space.ts';
import type { PassContext, Traits } from './model/context.ts';
import type { Records } from './model/records.ts';
import type { DatasetRow } from './model/rows.ts';
import { addPage, newReport, type PassReport } from './pass-report.ts';
import type { SitePorts } from './ports/ports.ts';

/** `Pass` says which phase of which dataset is looked at, and how. */
export interface Pass {
  readonly dataset: DatasetRow;
  readonly phase: Phase;
  readonly resync: boolean;
  readonly dryRun: boolean;
}

/** Everything a pass works with. */
export interface Surroundings {
  readonly records: Records;
  readonly ports: SitePorts;
  readonly traits: Traits;
  /** The stores of another site, in which another dataset's files may lie where ours are to. */
  readonly storesOf: (site: SiteSpec) => SitePorts['stores'];
  readonly signal: AbortSignal;
  /** By which outcomes are committed and leases renewed; by default this machine's. */
  readonly clock?: Clock;
}

/**
 * Do one pass.
 *
 * @returns what was moved, planned, taken and left, or who has the lease
 * @throws LeaseLost when somebody else took over | ForeignMarker | DriverError
 *   `unavailable` when the database is gone: whatever was begun is found again
 */
export async function reconcile(pass: Pass, around: Surroundings): Promise<PassReport> {
  return tellingForeign([pass.dataset], around, () => onePass(pass, around));
}

async function onePass(pass: Pass, around: Surroundings): Promise<PassReport> {
  const { records, ports, signal, clock = REAL_CLOCK } = around;
  const context = await contextOf(pass, around);
  const rules = RULES[pass.phase];
  const report = newReport(pass.dataset.name, pass.phase, stoodAt(context));
  if (pass.phase === 'process' && !pass.dryRun) await noteHolds(context, records);
  let budget = budgetOf(context, await roomFor(pass, records));

  for (const scope of rules.scopes(context)) {
    for await (const page of records.pages(pass.dataset, scope)) {
      const { seen: outside, health } = await observe(roundsOf(rules, context, page), ports, context, signal);
      const seen = await withHolders(outside, page, context, around);
      const preview = consider(rules, context, page, seen, budget);
      if (!pass.dryRun) await noteHealth(records, health, context);
      if (preview.quiet || pass.dryRun) {
        // What does not answer may be a disk that is away, which is for a person to see to.
        const silent = [...health.values()].some((problem) => problem !== null);
        if (!preview.quiet || silent) await checkMarkers(markedPlaces(context, ports), records, signal);
        addPage(report, { health, moves: preview.moves, failed: [], plan: preview.plan, taken: [] });
        budget = preview.left;
        continue;
      }

      const done = await carryOut({ rules, context, scope, page, seen, budget }, { ...around, clock });
      if ('takenBy' in done) return { ...report, skipped: `in the hands of ${done.takenBy}` };
      addPage(report, { health, ...done });
      budget = done.left;
    }
  }
  return report;
}

/** Jobs the site has room for; only the phase that submits them asks. */
async function roomFor({ dataset, phase }: Pass, records: Records): Promise<number> {
  const { name, batch } = dataset.loaded.site;
  return phase === 'process' ? records.room(name, batch.maxQueued) : 0;
}

async function contextOf(pass: Pass, around: Surroundings): Promise<PassContext> {
  const { records, traits, signal } = around;
  const { dataset, phase, resync, dryRun } = pass;
  const now = await records.now();
  const { id: installation } = await records.installation();
  const counted = await records.totals(dataset);
  if (counted.foreign !== null) await checkTold(dataset, around, signal);
  const totals = { ...counted, foreign: null };
  const bytes = dryRun || watchesSpace({ dataset }, phase) ? await records.bytes(dataset) : null;
  return { dataset, installation, now, resync, totals, bytes, traits };
}
