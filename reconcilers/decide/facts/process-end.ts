/** The end of a job that has several files: one verdict for the job, after each file has its own. */

import { type Finding, onJob } from '../../model/findings.ts';
import { groupBy } from '../../model/group-by.ts';
import { keyOf, type LiveWork } from '../../model/live-work.ts';
import type { JobEnd } from '../../ports/batch-system.ts';
import type { JobReport } from '../../ports/spool.ts';
import type { JobNews } from './process-news.ts';
import type { FollowedView } from './process-view.ts';

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

/** What the end of a job means for one of its files; undefined while the job has not ended. */
export function fileEnd({ live, input }: FollowedView, news: JobNews): FileEnd | undefined {
  if (news.is !== 'over') return undefined;
  const { end, report, judgement } = news;
  const of = { work: live, name: input.name, end, report };
  return judgement.is === 'bad'
    ? { ...of, is: 'bad', reason: judgement.reason }
    : { ...of, is: judgement.is };
}

/** The end of each job in its row: how it ended, what it used, and one status for all its files. */
export function jobEnds(ends: readonly FileEnd[]): readonly Finding[] {
  return [...groupBy(ends, ({ work }) => keyOf(work)).values()].flatMap(jobEnd);
}

function jobEnd(files: readonly FileEnd[]): readonly Finding[] {
  const [first] = files;
  const verdict = jobVerdict(files);
  if (first === undefined || verdict === undefined) return [];
  const { end, report, work } = first;
  const type = verdict === null ? 'job.succeeded' : 'job.failed';
  const used = {
    exitCode: end?.exitCode ?? null,
    signal: end?.signal ?? null,
    batchState: end?.batchState ?? null,
    node: end?.node ?? report?.node ?? null,
    processor: report?.processor ?? null,
    cpuMs: end?.cpuMs ?? null,
    wallMs: end?.wallMs ?? null,
    peakMemoryBytes: end?.peakMemoryBytes ?? null,
    stuck: null,
  };
  return [onJob(work.job, { type }, verdict?.failed ?? 'ended well', used)];
}
