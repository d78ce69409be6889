/** Live attempts joined to their jobs, with defaults. */
import type { LiveWork } from '../reconcilers/model/live-work.ts';
import { aJob, anAttempt, aSubmission } from './builders.ts';

/** A file in the only job of a submission. */
export function aWork(fields: Partial<LiveWork> = {}): LiveWork {
  return {
    attempt: anAttempt(),
    submission: aSubmission(),
    job: aJob(),
    jobName: 'r4711-abcd1234-1',
    speaks: true,
    ...fields,
  };
}
