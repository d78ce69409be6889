/** What a person's word about a job means, of which no system says anything: pure. */

import type { PassContext } from '../../model/context.ts';
import { groupBy } from '../../model/group-by.ts';
import type { LiveWork } from '../../model/live-work.ts';
import type { OutputRow, Page } from '../../model/rows.ts';
import type { World } from '../../model/world.ts';
import type { Draft } from '../change/draft.ts';
import type { PhaseRules } from '../change/phase-rules.ts';
import { noteAnswer } from './answers.ts';
import { endJobs } from './process-end.ts';
import { loseJob, neverSubmitted } from './process-follow.ts';
import { conclude, type FollowedFile } from './process-judge.ts';

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
export function answerAbout(
  { context, rules, page, works, seen }: Settling,
  draft: Draft,
): string | undefined {
  draft.add(rules.find(context, page, seen));
  const answered = works.find(({ job }) => draft.job(job.submissionId, job.index)?.silentMs == null);
  if (answered === undefined) return undefined;
  const { attempt } = answered;
  const moved = draft
    .change()
    .transitions.find(({ subject }) => subject.kind === 'file' && subject.id === attempt.fileId);
  if (moved !== undefined) return moved.because;
  const file = [...page.outputs, ...page.inputs].find(({ id }) => id === attempt.fileId);
  const waits = rules.decide(context, page, seen, draft).find(({ name }) => name === file?.name);
  return waits?.decision.do === 'wait' ? waits.decision.stop.text : 'it is followed';
}

/** Close the attempts of jobs as lost: their files are tried again by the rules. */
export function settleAsLost({ context, page, works, seen }: Settling, reason: string, draft: Draft): void {
  const outputs = groupBy(page.outputs, (output) => output.inputId);
  for (const work of works) {
    const { attempt, submission, job } = work;
    draft.add(noteAnswer(work));
    draft.sign(attempt.fileId, SETTLED, reason);
    if (attempt.phase === 'process') {
      const input = draft.input(attempt.fileId);
      const about = { context, its: outputs.get(input.id) ?? [], input, work, seen, draft };
      if (submission.state === 'intended') neverSubmitted(about, reason);
      else loseJob(about, reason);
      draft.touch(input.id, { actedMs: draft.now });
      continue;
    }
    draft.findJob(job, { type: 'job.vanished' }, reason, {});
    loseMove(work, reason, draft);
  }
}

/** In a file's history: a person has said what became of its job. */
const SETTLED = 'operator.settled';

function loseMove({ attempt }: LiveWork, reason: string, draft: Draft): void {
  const failure = { class: 'site', reason } as const;
  const how = { state: 'lost', ...failure } as const;
  const patch = { actedMs: draft.now };
  if (attempt.phase === 'export') {
    const end = { phase: 'export', how } as const;
    draft.findOutput(attempt.fileId, { fact: null, because: reason, failure, patch, end });
    return;
  }
  const end = { phase: attempt.phase, revision: attempt.revision, how };
  draft.find(attempt.fileId, { fact: { type: 'transfer.failed' }, because: reason, failure, patch, end });
}

/**
 * Judge what jobs left that are over on a person's word, as at any other end.
 *
 * @param seen  asked with `asIfOver`, so that it holds what they left
 * @returns why one of them cannot be judged now; then nothing may be written
 */
export function settleAsDone(settling: Settling, reason: string, draft: Draft): string | undefined {
  const { context, rules, page, works, seen } = settling;
  for (const work of works) {
    draft.add(noteAnswer(work));
    draft.sign(work.attempt.fileId, SETTLED, reason);
  }
  if (rules.phase === 'process') return judgeJobs(settling, draft);
  draft.add(rules.find(context, page, seen));
  const open = works.find(({ job }) => isOpen(draft.job(job.submissionId, job.index)?.status));
  return open && `the store its files were brought to does not answer about ${open.jobName}`;
}

const isOpen = (status: string | undefined) => status === 'pending' || status === 'running';

function judgeJobs({ context, page, works, seen }: Settling, draft: Draft): string | undefined {
  const outputs = groupBy(page.outputs, (output): number => output.inputId);
  const ends = works.map((work) => {
    const input = draft.input(work.attempt.fileId);
    const its: readonly OutputRow[] = outputs.get(input.id) ?? [];
    const about: FollowedFile = { context, its, input, work, seen, draft };
    return { work, end: conclude(about, null) };
  });
  for (const { work, end } of ends) {
    if (end === undefined) return `the spool does not answer about ${work.jobName}`;
    if (end.is === 'waiting') return `a store does not answer about what ${work.jobName} left`;
  }
  endJobs(
    ends.flatMap(({ end }) => end ?? []),
    draft,
  );
  return undefined;
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
