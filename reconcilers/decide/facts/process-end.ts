/** The end of a job that has several files: one verdict for the job, after each file has its own. */

import { groupBy } from '../../model/group-by.ts';
import { keyOf, type LiveWork } from '../../model/live-work.ts';
import type { JobEnd } from '../../ports/batch-system.ts';
import type { JobReport } from '../../ports/spool.ts';
import type { Draft } from '../change/draft.ts';

/** What the end of a job means for one of its files. `waiting`: a store has not answered yet. */
export type FileEnd = {
  readonly work: LiveWork;
  /** The file's name. */
  readonly name: string;
  /** null: nobody knows how the job ended. */
  readonly end: JobEnd | null;
  readonly report: JobReport | null;
} & ({ readonly is: 'good' } | { readonly is: 'waiting' } | { readonly is: 'bad'; readonly reason: string });

/**
 * What is to be said of a job once, from all its files.
 *
 * @returns why it failed; null when it ended well; undefined while one of its files waits and none failed
 */
export function jobVerdict(files: readonly FileEnd[]): { readonly failed: string } | null | undefined {
  const [first] = files;
  if (first === undefined) return undefined;
  const bad = new Map(
    files.flatMap((file) => (file.is === 'bad' ? [[file.name, file.reason] as const] : [])),
  );
  // Files judged in another pass, or on another page, are known by the report alone.
  for (const { file, failedAt, message } of first.report?.files ?? []) {
    if (failedAt !== null && !bad.has(file)) bad.set(file, message ?? `failed at ${failedAt}`);
  }
  const all = Math.max(files.length, first.report?.files.length ?? 0);
  const [one] = bad;
  if (one !== undefined) {
    const [name, reason] = one;
    return { failed: all === 1 ? reason : `${bad.size} of ${all} files failed: ${name}: ${reason}` };
  }
  if (files.some((file) => file.is === 'waiting')) return undefined;
  const code = first.end?.exitCode ?? 0;
  return code === 0 ? null : { failed: `every file went well, but the job exited with ${code}` };
}

/** Write the end of each job in its row: how it ended, what it used, and one status for all its files. */
export function endJobs(ends: readonly FileEnd[], draft: Draft): void {
  for (const files of groupBy(ends, ({ work }) => keyOf(work)).values()) {
    const [first] = files;
    const verdict = jobVerdict(files);
    if (first === undefined || verdict === undefined) continue;
    const { end, report } = first;
    draft.findJob(
      first.work.job,
      { type: verdict === null ? 'job.succeeded' : 'job.failed' },
      verdict?.failed ?? 'ended well',
      {
        exitCode: end?.exitCode ?? null,
        signal: end?.signal ?? null,
        batchState: end?.batchState ?? null,
        node: end?.node ?? report?.node ?? null,
        processor: report?.processor ?? null,
        cpuMs: end?.cpuMs ?? null,
        wallMs: end?.wallMs ?? null,
        peakMemoryBytes: end?.peakMemoryBytes ?? null,
        stuck: null,
      },
    );
  }
}
