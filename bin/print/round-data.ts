import type { RoundResult } from '../../reconcilers/daemon/rounds.ts';
import { isQuiet } from '../../reconcilers/pass-report.ts';
import { planTotals } from './plan.ts';

/** What a round came to, for programs: passes that did, met or wait for something, and where datasets rest. */
export function roundData({ reports, rests, errors }: RoundResult) {
  const told = reports.filter(
    (report) => !isQuiet(report) || report.waits.length + report.failures.length > 0,
  );
  // Where datasets stood before the passes is not where they rest.
  const passes = told.map(({ stood: _, ...report }) => report);
  return { passes, totals: planTotals(reports), datasets: rests, errors };
}
