/** What has happened to a file with a live attempt: from an intent to an accepted result, or to the reason why not. */
import { type Finding, onInput, onJob, onProblem, patchJob } from '../../model/findings.ts';
import type { LiveWork } from '../../model/live-work.ts';
import { look } from '../../model/world.ts';
import { noteAbsence, noteAnswer, notePresence, noteSilence, noteSubmission } from './answers.ts';
import { type FileEnd, fileEnd } from './process-end.ts';
import { inputFailed, judged } from './process-judge.ts';
import { type JobNews, jobNews } from './process-news.ts';
import { acceptedOutputs, type FollowedView, isSuperseded } from './process-view.ts';

/** What has happened to a file, and what the end of its job means for it where that has ended. */
export interface FileFacts {
  readonly findings: readonly Finding[];
  readonly end?: FileEnd | undefined;
}

/**
 * What has happened to a file with a live attempt, and to its job.
 *
 * Once outputs of it are accepted its job has said all it can, and what an older revision has
 * begun does not count any more: of both nothing else is looked at.
 */
export function factsOfJob(view: FollowedView): FileFacts {
  if (acceptedOutputs(view.outputs, view.live).length > 0) return { findings: acceptedOutputsLost(view) };
  if (isSuperseded(view)) return { findings: superseded(view) };
  const news = jobNews(view);
  const findings = [
    ...submissionFound(view),
    ...jobPresent(view),
    ...jobStuck(view),
    ...factsOfNews(view, news),
  ];
  return { findings, end: fileEnd(view, news) };
}

/** What follows from what is known of a job. */
export function factsOfNews(view: FollowedView, news: JobNews): readonly Finding[] {
  return (NEWS[news.is] as NewsFact<JobNews['is']>)(view, news);
}

/** Accepted bytes that are neither under the attempt's name nor under their own are lost. */
function acceptedOutputsLost({ outputs, input, live, seen }: FollowedView): readonly Finding[] {
  const lost = acceptedOutputs(outputs, live).filter(({ store, path, attemptPath }) =>
    [path, attemptPath].every((one) => look(seen.stats.get(store), one, input.actedMs).is === 'absent'),
  );
  if (lost.length === 0) return [];
  const because = 'gone before it got its final name';
  const reason = `accepted outputs are gone: ${lost.map(({ name }) => name).join(', ')}`;
  const failure = { class: 'transient', reason } as const;
  const end = { state: 'failed', ...failure } as const;
  return [
    ...lost.map(({ id }) => ({ on: 'output', id, fact: { type: 'output.absent' }, because }) as const),
    inputFailed(input.id, live, { fact: { type: 'job.failed' }, failure, end }),
  ];
}

/** The newest spec wins: what an older revision has begun does not count any more. */
function superseded({ input, live }: FollowedView): readonly Finding[] {
  const { attempt, job } = live;
  const reason = 'the spec changed what is produced; the job of the older revision no longer counts';
  return [
    onInput(input.id, {
      fact: { type: 'processing.outdated', rawCopy: input.copyPath === null ? 'gone' : 'present' },
      because: reason,
      end: { phase: 'process', revision: attempt.revision, how: { state: 'superseded', reason } },
    }),
    ...noteAnswer(live),
    onJob(job, { type: 'job.failed' }, reason, { batchState: 'superseded' }),
  ];
}

/** The batch system has the submission: it was made, and its jobs are accepted. */
function submissionFound({ context, input, live, seen }: FollowedView): readonly Finding[] {
  const { submission } = live;
  const whole = look(seen.jobs, submission.name, input.actedMs);
  if (whole.is !== 'present') return [];
  const { systemId } = whole.value;
  const because = `${context.traits.batch.driver} has ${submission.name} (${systemId})`;
  const accepted = onInput(input.id, { fact: { type: 'job.accepted' }, because });
  return [...noteSubmission(live, systemId, context.now), ...(input.state === 'verified' ? [accepted] : [])];
}

function jobPresent({ job, live }: FollowedView): readonly Finding[] {
  return job.is === 'present' ? notePresence(live) : [];
}

/** A job is queued without hope, or no longer. */
function jobStuck({ job: seen, input, live: { job } }: FollowedView): readonly Finding[] {
  if (seen.is !== 'present') return [];
  const stuck = seen.value.state === 'stuck' ? seen.value.reason : null;
  if (job.stuck === stuck) return [];
  const problem = stuck === null ? null : ({ class: 'site', message: stuck } as const);
  return [patchJob(job, { stuck }), onProblem('job stuck', input.id, problem)];
}

type NewsFact<K extends JobNews['is']> = (
  view: FollowedView,
  news: Extract<JobNews, { readonly is: K }>,
) => readonly Finding[];

/** The facts of each kind of news. The type demands one entry per kind. */
const NEWS: { readonly [K in JobNews['is']]: NewsFact<K> } = {
  silent: ({ context, live }, { why }) => noteSilence(context, live, why),
  awaited: ({ live }) => noteAnswer(live),
  'never submitted': ({ live }) => [
    ...noteAnswer(live),
    ...neverSubmitted(live, `${live.submission.name} was never submitted`),
  ],
  missing: ({ context, live }) => [...noteAnswer(live), ...noteAbsence(live, context.now)],
  lost: ({ live }, { reason }) => [...noteAnswer(live), ...jobLost(live, reason)],
  'in motion': ({ live }, { job }) => [
    ...noteAnswer(live),
    ...(job.state === 'running' ? started(live, job.node) : []),
  ],
  over: (view, { judgement }) => [...noteAnswer(view.live), ...judged(view, judgement)],
};

function started({ job }: LiveWork, node: string | null): readonly Finding[] {
  return [onJob(job, { type: 'job.started' }, `running on ${node ?? 'a node'}`, { node })];
}

/** The attempt of a job that has never been is closed: the file stands where it stood. */
export function neverSubmitted({ attempt, job }: LiveWork, reason: string): readonly Finding[] {
  const end = { phase: 'process', revision: attempt.revision, how: { state: 'lost', reason } } as const;
  return [
    onInput(attempt.fileId, { fact: null, because: reason, end }),
    onJob(job, { type: 'job.vanished' }, reason),
  ];
}

/** A job's attempt is closed as lost: its file is tried again by the rules, under a new number. */
export function jobLost({ attempt, job }: LiveWork, reason: string): readonly Finding[] {
  const failure = { class: 'site', reason } as const;
  return [
    onJob(job, { type: 'job.vanished' }, reason),
    onInput(attempt.fileId, {
      fact: { type: 'job.lost' },
      because: reason,
      failure,
      end: { phase: 'process', revision: attempt.revision, how: { state: 'lost', ...failure } },
    }),
  ];
}
