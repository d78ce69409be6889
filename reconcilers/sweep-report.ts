/** A sweep as reports of passes: one for each dataset that it concerns. */
import type { Abandoned } from './act/kept-in-stores.ts';
import type { Leaving } from './act/put-away.ts';
import { attemptStores } from './act/put-away.ts';
import type { DatasetRow } from './model/rows.ts';
import type { Step } from './model/steps.ts';
import type { OverSubmission } from './model/sweeping.ts';
import { newReport, type PassReport } from './pass-report.ts';

export interface SweepFound {
  readonly datasets: readonly DatasetRow[];
  readonly over: readonly Leaving[];
  readonly submissions: ReadonlyMap<string, OverSubmission>;
  readonly abandoned: readonly Abandoned[];
  /** Stores that did not answer, with what they said. */
  readonly silent: ReadonlyMap<string, string>;
}

/** The reports of a sweep: what is put away, and which stores did not answer. */
export function sweepReports({
  datasets,
  over,
  submissions,
  abandoned,
  silent,
}: SweepFound): readonly PassReport[] {
  const reports = new Map<string, PassReport>();
  const of = (dataset: string) => {
    const report = reports.get(dataset) ?? newReport(dataset, 'archive', null);
    reports.set(dataset, report);
    return report;
  };
  for (const file of over) {
    const { dataset, swept } = submissions.get(file.submission) ?? {};
    const because = swept
      ? `written by ${file.submission} after it was over`
      : `left by ${file.submission}, which is over`;
    if (dataset) of(dataset.name).steps.push(putAwayStep(file, file.submission, because));
  }
  // Of no dataset, but told of with one: the site has no reports of its own.
  for (const file of abandoned) {
    const step = putAwayStep(file, null, 'left by a call that was killed while it wrote');
    of(datasets[0]?.name ?? '').steps.push(step);
  }
  for (const dataset of datasets) {
    for (const store of attemptStores(dataset)) {
      const why = silent.get(store);
      if (why !== undefined) of(dataset.name).unanswered.set(store, why);
    }
  }
  return [...reports.values()];
}

function putAwayStep(
  { store, path, sizeBytes }: Abandoned,
  submission: string | null,
  because: string,
): Step<'quarantine'> {
  return {
    kind: 'quarantine',
    phase: 'archive',
    names: [path.split('/').at(-1) ?? path],
    because,
    bytes: sizeBytes,
    store,
    path,
    fileId: null,
    submission,
    number: null,
  };
}
