/** What a person's word about a job means, of which no system says anything: pure. */

import type { PassContext } from '../../model/context.ts';
import { type Finding, onInput, onJob, onOutput, patchInput } from '../../model/findings.ts';
import type { LiveWork } from '../../model/live-work.ts';
import type { JobRow, Page } from '../../model/rows.ts';
import type { World } from '../../model/world.ts';
import { changeOf, standingOf } from '../change/change-of.ts';
import { jobKey } from '../change/page-writing.ts';
import { optionsOf, type PhaseRules } from '../change/phase-rules.ts';
import { noteAnswer } from './answers.ts';
import { fileEnd, jobEnds } from './process-end.ts';
import { factsOfNews, jobLost, neverSubmitted } from './process-follow.ts';
import { newsOfEnded } from './process-news.ts';
import { isFollowed, processViews } from './process-view.ts';

/** `lost`: it is to be tried again. `done`: it is over; what it left is judged as ever. */
export type Settlement = 'lost' | 'done';

/** A page with the jobs on it that are settled. */
export interface Settling {
  readonly context: PassContext;
  readonly rules: PhaseRules;
  readonly page: Page;
  readonly works: readonly LiveWork[];
  readonly seen: World;
}

/**
 * What the systems say of the jobs now, found by the rules that follow them.
 *
 * @returns undefined when they say nothing clear of any: only then there is something to settle
 */
export function answerAbout({ context, rules, page, works, seen }: Settling): string | undefined {
  const found = rules.find(context, page, seen);
  const { change, standing, page: after } = changeOf(page, found, optionsOf(context, rules.phase));
  const answered = works.find(({ job }) => asItStands(after, job).silentMs === null);
  if (answered === undefined) return undefined;
  const { attempt } = answered;
  const moved = change.transitions.find(
    ({ subject }) => subject.kind === 'file' && subject.id === attempt.fileId,
  );
  if (moved !== undefined) return moved.because;
  const file = [...page.outputs, ...page.inputs].find(({ id }) => id === attempt.fileId);
  const waits = rules.decide(context, page, seen, standing).find(({ name }) => name === file?.name);
  return waits?.decision.do === 'wait' ? waits.decision.stop.text : 'it is followed';
}

/** A job's row on a page as findings have left it. */
function asItStands(after: Page, job: JobRow): JobRow {
  return after.jobs.find((row) => jobKey(row) === jobKey(job)) ?? job;
}

/** The attempts of jobs are closed as lost: their files are tried again by the rules. */
export function settledAsLost(
  { context, works }: Pick<Settling, 'context' | 'works'>,
  reason: string,
): readonly Finding[] {
  return works.flatMap((work) => [...signed(work, reason), ...workLost(work, reason, context)]);
}

/** Jobs bring files here, process them, or send them on: other phases have none. */
function workLost(work: LiveWork, reason: string, { now }: PassContext): readonly Finding[] {
  const { attempt, job } = work;
  const acted = { actedMs: now };
  if (attempt.phase === 'process') {
    const isIntended = work.submission.state === 'intended';
    const lost = isIntended ? neverSubmitted(work, reason) : jobLost(work, reason);
    return [...lost, patchInput(attempt.fileId, acted)];
  }
  return [onJob(job, { type: 'job.vanished' }, reason), moveLost(work, reason, acted)];
}

function moveLost({ attempt }: LiveWork, reason: string, patch: { readonly actedMs: number }): Finding {
  const { phase, revision, fileId } = attempt;
  const failure = { class: 'site', reason } as const;
  const how = { state: 'lost', ...failure } as const;
  const about = { because: reason, failure, patch };
  if (phase === 'export') return onOutput(fileId, { ...about, fact: null, end: { phase, how } });
  return onInput(fileId, { ...about, fact: { type: 'transfer.failed' }, end: { phase, revision, how } });
}

/** In a file's history: a person has said what became of its job. */
const SETTLED = 'operator.settled';

function signed(work: LiveWork, because: string): readonly Finding[] {
  return [...noteAnswer(work), { on: 'signature', id: work.attempt.fileId, fact: SETTLED, because }];
}

/** What a person's word comes to; `unjudged`: one of the jobs cannot be judged now, nothing may be written. */
export type Settled = { readonly findings: readonly Finding[] } | { readonly unjudged: string };

/**
 * What jobs left that are over on a person's word is judged as at any other end.
 *
 * @param settling  seen: asked with `asIfOver`, so that it holds what they left
 */
export function settledAsDone(settling: Settling, reason: string): Settled {
  const { context, rules, page, works, seen } = settling;
  const words = works.flatMap((work) => signed(work, reason));
  if (rules.phase === 'process') return judgedJobs(settling, words);
  const findings = [...words, ...rules.find(context, page, seen)];
  const { page: after } = changeOf(page, findings, optionsOf(context, rules.phase));
  const open = works.find(({ job }) => isOpen(asItStands(after, job)));
  if (open === undefined) return { findings };
  return { unjudged: `the store its files were brought to does not answer about ${open.jobName}` };
}

const isOpen = ({ status }: JobRow) => status === 'pending' || status === 'running';

function judgedJobs({ context, page, seen }: Settling, words: readonly Finding[]): Settled {
  const standing = standingOf(page, [], optionsOf(context, 'process'));
  const ended = processViews(context, page, seen, standing)
    .filter(isFollowed)
    .map((view) => ({ view, news: newsOfEnded(view, null) }));
  for (const { view, news } of ended) {
    const { jobName } = view.live;
    if (news.is !== 'over') return { unjudged: `the spool does not answer about ${jobName}` };
    if (news.judgement.is === 'waiting') {
      return { unjudged: `a store does not answer about what ${jobName} left` };
    }
  }
  const ends = ended.flatMap(({ view, news }) => fileEnd(view, news) ?? []);
  return {
    findings: [...words, ...ended.flatMap(({ view, news }) => factsOfNews(view, news)), ...jobEnds(ends)],
  };
}

/** A page with these jobs' files alone, whose submissions exist beyond doubt: a person says that they ran. */
export function pageOf(page: Page, works: readonly LiveWork[]): Page {
  const files = new Set(works.map(({ attempt }) => attempt.fileId));
  const attempts = page.attempts.filter(({ fileId }) => files.has(fileId));
  const submissions = page.submissions.map((row) => ({ ...row, state: 'accepted' }) as const);
  if (page.attempts.some(({ phase }) => phase === 'export')) {
    return { ...page, attempts, submissions, outputs: page.outputs.filter(({ id }) => files.has(id)) };
  }
  return { ...page, attempts, submissions, inputs: page.inputs.filter(({ id }) => files.has(id)) };
}
