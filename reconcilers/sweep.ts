/**
 * The broom behind the spine: what attempts leave that are over goes into
 * quarantine, and what arrives there later, from a job that was given up, is
 * told of and never counted (laws 3 and 4).
 */
import { type Leaving, leavings, putAway } from './act/put-away.ts';
import { openDraft } from './decide/draft.ts';
import { type DatasetRow, EMPTY_PAGE } from './decide/rows.ts';
import type { Step } from './decide/steps.ts';
import { newReport, type PassReport } from './pass-report.ts';
import type { Surroundings } from './reconcile.ts';

/**
 * Sweep up behind a dataset.
 *
 * Without `resync` the stores are asked only when an attempt has ended since the
 * last time.
 */
export async function sweep(
  dataset: DatasetRow,
  { resync, dryRun }: { readonly resync: boolean; readonly dryRun: boolean },
  around: Surroundings,
): Promise<PassReport> {
  const { records, ports, signal } = around;
  const report = newReport(dataset.name, 'archive');
  if (dataset.id < 0) return report;
  const fresh = await unsweptNames(dataset, around);
  if (fresh.size === 0 && !resync) return report;

  const found = await leavings(dataset, ports, signal);
  const closed = await records.closedAmong([...new Set(found.map((file) => file.submission))]);
  const over = found.filter((file) => closed.has(file.submission));
  report.steps.push(...over.map((file) => stepOf(file, fresh.has(file.submission))));
  if (dryRun || (over.length === 0 && fresh.size === 0)) return report;

  const lease = await records.lease(dataset, 'archive');
  if ('takenBy' in lease) return { ...report, steps: [], skipped: `in the hands of ${lease.takenBy}` };
  try {
    const number =
      over.length === 0 ? 0 : await records.write(lease, dataset, (writing) => writing.numbers(1));
    const away = await putAway(over, number, ports, signal);
    const now = await records.now();
    const draft = openDraft(EMPTY_PAGE, { now, phase: 'archive', retry: dataset.loaded.spec.retry });
    for (const file of away) {
      if (!fresh.has(file.submission))
        draft.problem(`late output ${file.submission}`, null, lateProblem(file));
    }
    const moved = new Set(away);
    const left = new Set(over.filter((file) => !moved.has(file)).map((file) => file.submission));
    for (const name of fresh) if (!left.has(name)) draft.sweep(name);
    await records.write(lease, dataset, (writing) => writing.commit(draft.change()));
    return report;
  } finally {
    await records.release(lease);
  }
}

async function unsweptNames(dataset: DatasetRow, { records }: Surroundings): Promise<ReadonlySet<string>> {
  const phases = ['transfer', 'process', 'export'] as const;
  const lists = await Promise.all(phases.map((phase) => records.unswept(dataset, phase)));
  return new Set(lists.flat().map((row) => row.name));
}

function lateProblem(file: Leaving) {
  const message = `${file.submission} wrote ${file.store}:${file.path} (${file.sizeBytes} bytes) after its attempt was over; it is in quarantine`;
  return { class: 'site', message } as const;
}

function stepOf(file: Leaving, fresh: boolean): Step {
  return {
    kind: 'quarantine',
    phase: 'archive',
    names: [file.path.split('/').at(-1) ?? file.path],
    because: fresh
      ? `left by ${file.submission}, which is over`
      : `written by ${file.submission} after it was over`,
    bytes: file.sizeBytes,
    store: file.store,
    path: file.path,
    fileId: null,
    submission: file.submission,
    number: null,
  };
}
