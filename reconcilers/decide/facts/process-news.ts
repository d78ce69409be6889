/** What is known of the job of a live attempt, from what the batch system, the spool and the stores say. */
import { keyOf } from '../../model/live-work.ts';
import { isVoid } from '../../model/void.ts';
import { look } from '../../model/world.ts';
import type { JobEnd, JobSeen } from '../../ports/batch-system.ts';
import type { JobReport, JobTraces } from '../../ports/spool.ts';
import { reportOf } from '../judge/judge.ts';
import { intentIsDead, isLost } from './answers.ts';
import { type Judgement, judgeFile } from './process-judge.ts';
import type { FollowedView } from './process-view.ts';

/** `JobNews` is what is known of the job of one file in this pass. */
export type JobNews =
  /** Nothing clear was said of it. */
  | { readonly is: 'silent'; readonly why: string }
  /** Its intent was not found, and may still be on its way. */
  | { readonly is: 'awaited' }
  /** Its intent was never carried out, and never will be. */
  | { readonly is: 'never submitted' }
  /** The batch system does not know it, which proves nothing yet. */
  | { readonly is: 'missing' }
  | { readonly is: 'lost'; readonly reason: string }
  /** It is queued, stuck or running. */
  | { readonly is: 'in motion'; readonly job: Exclude<JobSeen, JobEnd> }
  | Over;

/** A job that is over, and what its end means for one of its files. */
interface Over {
  readonly is: 'over';
  /** null: nobody knows how it ended. */
  readonly end: JobEnd | null;
  readonly report: JobReport | null;
  readonly judgement: Judgement;
}

/** What is known of the job of one file. */
export function jobNews(view: FollowedView): JobNews {
  const { job } = view;
  if (job.is === 'unknown') return { is: 'silent', why: job.why };
  if (job.is === 'absent') return newsOfAbsent(view);
  return job.value.state === 'ended' ? newsOfEnded(view, job.value) : { is: 'in motion', job: job.value };
}

/** Its system says that there is no such job: was it never submitted, did it leave a report, is it lost? */
function newsOfAbsent(view: FollowedView): JobNews {
  const { context, input, live, seen } = view;
  const { submission } = live;
  const { batch } = context.traits;
  const whole = look(seen.jobs, submission.name, input.actedMs);
  if (submission.state === 'intended' && whole.is === 'absent') {
    return { is: intentIsDead(submission, batch, context.now) ? 'never submitted' : 'awaited' };
  }
  const traces = look(seen.traces, keyOf(live), input.actedMs);
  if (traces.is === 'unknown') {
    return { is: 'silent', why: `${batch.driver} does not know it, and the spool: ${traces.why}` };
  }
  if (traces.is === 'present' && reportOf({ input, traces: traces.value }) !== undefined) {
    return over(view, null, traces.value);
  }
  if (!isLost(live, batch, context.now)) return { is: 'missing' };
  const who = whole.is === 'absent' ? submission.name : live.jobName;
  return { is: 'lost', reason: `${batch.driver} no longer knows ${who}, and it has left no report` };
}

/** Its end is judged by what it left in the spool. @param end  null: nobody knows how it ended */
export function newsOfEnded(view: FollowedView, end: JobEnd | null): JobNews {
  const traces = look(view.seen.traces, keyOf(view.live), view.input.actedMs);
  if (traces.is === 'present') {
    return isVoid(end, traces.value)
      ? { is: 'lost', reason: voidBecause(view) }
      : over(view, end, traces.value);
  }
  return { is: 'silent', why: `the spool: ${traces.is === 'unknown' ? traces.why : 'gone'}` };
}

function voidBecause({ live }: FollowedView): string {
  return `${live.jobName} was void: it did not find in the spool what was submitted, and did nothing`;
}

function over(view: FollowedView, end: JobEnd | null, traces: JobTraces): JobNews {
  return { is: 'over', end, report: traces.report, judgement: judgeFile(view, end, traces) };
}
