/** A live attempt joined to its submission and its job. */
import { groupBy } from './group-by.ts';
import { InternalError } from './internal-error.ts';
import type { AttemptRow, JobRow, Page, SubmissionRow } from './rows.ts';

/** A live attempt with the submission it is part of, and its job there as it was read. */
export interface LiveWork {
  readonly attempt: AttemptRow;
  readonly submission: SubmissionRow;
  readonly job: JobRow;
  /** The job for people: the submission's name, with the index where that has several jobs. */
  readonly jobName: string;
  /**
   * Whether people are told of its job on behalf of this file: a job has one such file on a
   * page, the first of those whose results are not accepted yet.
   */
  readonly speaks: boolean;
}

/**
 * The live attempts of a page by file.
 *
 * @throws InternalError when one has no submission or no job: they are written in one transaction
 */
export function liveWork(page: Page): ReadonlyMap<number, LiveWork> {
  const submissions = new Map(page.submissions.map((row) => [row.id, row]));
  const jobs = new Map(page.jobs.map((row) => [keyOfJob(row.submissionId, row.index), row]));
  const companions = groupBy(page.jobs, (row) => row.submissionId);
  const speakers = speakersOf(page);
  return new Map(
    page.attempts.map((attempt) => {
      const { id, fileId, submissionId, jobIndex } = attempt;
      const submission = submissions.get(submissionId);
      const job = jobs.get(keyOfJob(submissionId, jobIndex));
      if (submission === undefined || job === undefined) {
        throw new InternalError(`attempt ${attempt.number} of file ${fileId} is in no job of a submission`);
      }
      const isOneOfSeveral = (companions.get(submissionId)?.length ?? 0) > 1;
      const jobName = isOneOfSeveral ? `${submission.name}:${jobIndex}` : submission.name;
      return [fileId, { attempt, submission, job, jobName, speaks: speakers.has(id) }];
    }),
  );
}

/** For each job the attempt of the first file that is still followed: what is accepted is only to get its name. */
function speakersOf({ attempts, outputs }: Page): ReadonlySet<number> {
  const accepted = new Set(outputs.flatMap((row) => (row.state === 'accepted' ? [row.attemptId] : [])));
  const byJob = new Map<string, number>();
  for (const { id, submissionId, jobIndex } of attempts) {
    const key = keyOfJob(submissionId, jobIndex);
    if (!accepted.has(id) && !byJob.has(key)) byJob.set(key, id);
  }
  return new Set(byJob.values());
}

function keyOfJob(submissionId: number, index: number): string {
  return `${submissionId}:${index}`;
}

/** The key of a live attempt's job in the spool. */
export function keyOf({ attempt, submission }: LiveWork): `${string}:${number}` {
  return `${submission.name}:${attempt.jobIndex}`;
}
