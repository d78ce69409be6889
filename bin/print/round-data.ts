import type { RoundResult } from '../../reconcilers/daemon/rounds.ts';
import { isQuiet } from '../../reconcilers/pass-report.ts';
import { planTotals } from './plan.ts';

/** What a round came to, for programs: passes that did, met or wait for something, and where datasets rest. */
export function roundData({ reports, rests, errors }: RoundResult) {
  const passes = reports.filter(
    (report) => !isQuiet(report) || report.waits.length + report.failures.length > 0,
  );
  return { passes, totals: planTotals(reports), datasets: rests, errors };
}
