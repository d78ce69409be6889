/** A live attempt joined to its submission and its job. */
import { groupBy } from './group-by.ts';
import type { AttemptRow, JobRow, Page, SubmissionRow } from './rows.ts';

/** A live attempt with the submission it is part of, and its job there as it was read. */
export interface LiveWork {
  readonly attempt: AttemptRow;
  readonly submission: SubmissionRow | undefined;
  readonly job: JobRow | undefined;
  /** Its name for people: the submission's, with the index where that has several jobs. */
  readonly jobName: string;
}

/** The live attempts of a page by file. */
export function liveWork(page: Page): ReadonlyMap<number, LiveWork> {
  const submissions = new Map(page.submissions.map((row) => [row.id, row]));
  const jobs = new Map(page.jobs.map((row) => [`${row.submissionId}:${row.index}`, row]));
  const companions = groupBy(page.jobs, (row) => row.submissionId);
  return new Map(
    page.attempts.map((attempt) => {
      const submission = submissions.get(attempt.submissionId ?? 0);
      const index = attempt.jobIndex ?? 0;
      const job = jobs.get(`${attempt.submissionId}:${index}`);
      const several = (companions.get(attempt.submissionId ?? 0)?.length ?? 0) > 1;
      const jobName = `${submission?.name ?? ''}${several ? `:${index}` : ''}`;
      return [attempt.fileId, { attempt, submission, job, jobName }];
    }),
  );
}

/** The key of a live attempt's job in the spool. */
export function keyOf({ attempt, submission }: LiveWork): `${string}:${number}` {
  return `${submission?.name ?? ''}:${attempt.jobIndex ?? 0}`;
}
