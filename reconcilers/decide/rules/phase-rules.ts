import type { Phase } from '../../../machines/model.ts';
import type { PassContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import type { AttemptRow, InputRow, JobRow, Page, SubmissionRow } from '../rows.ts';
import type { PageScope } from '../scope.ts';
import type { Round, World } from '../seen.ts';
import type { Decision } from '../steps.ts';

/** A decision and the file it is about. */
export interface Decided {
  readonly name: string;
  readonly decision: Decision;
}

/** What makes a phase: which rows, which questions, which facts, which steps. All pure. */
export interface PhaseRules {
  readonly phase: Phase;
  /**
   * Whether what it plans depends on how many files stand where: then they are counted anew
   * for each page under the lease. Counting all files for each short page is quadratic.
   */
  readonly countsFiles: boolean;
  /** The rows to look at; several scopes are gone through one after another. */
  scopes(context: PassContext): readonly PageScope[];
  /** What to ask of the outside about a page; a later round may depend on the answers so far. */
  rounds(context: PassContext, page: Page): readonly Round[];
  /** Move what has moved. */
  find(context: PassContext, page: Page, seen: World, draft: Draft): void;
  /** Say what to do next, or why to wait, for each file as the draft now has it. */
  decide(context: PassContext, page: Page, seen: World, draft: Draft): readonly Decided[];
}

/** At most so many rows a page (design: "Pages"). */
export const PAGE_SIZE = 10_000;

/** Pages whose files are read byte by byte are short, so that what was learnt is soon written. */
export const READING_PAGE_SIZE = 200;

/** A scope with the usual answers filled in. */
export function scopeOf(
  phase: Phase,
  { now }: Pick<PassContext, 'now'>,
  given: Partial<PageScope> & Pick<PageScope, 'subject'>,
): PageScope {
  return {
    phase,
    states: [],
    errorPhases: [],
    dueMs: now,
    stopped: false,
    outdated: null,
    keys: [],
    withOutputs: false,
    pageSize: PAGE_SIZE,
    some: null,
    replicasIn: null,
    scrub: null,
    attemptsOf: phase,
    ...given,
  };
}

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

/** Beyond a driver's own timeout, how long an intent may stay unfound before it is given up (law 2). */
const INTENT_GRACE_MS = 60_000;

/** Whether an intent that was not found can be given up: it was never carried out, and never will be. */
export function intentIsDead(
  submission: SubmissionRow,
  driver: { readonly absentIsFinal: boolean; readonly callTimeoutMs: number },
  now: number,
): boolean {
  return driver.absentIsFinal || now - submission.intendedMs > driver.callTimeoutMs + INTENT_GRACE_MS;
}

/** Forgive errors whose time has come. @param may  asked last, of those that would be forgiven */
export function retryDue(
  page: Page,
  draft: Draft,
  phases: readonly Phase[],
  may: (input: InputRow) => boolean = () => true,
): void {
  for (const { id } of page.inputs) {
    const row = draft.input(id);
    if (row.state !== 'error' || row.phase === null || !phases.includes(row.phase)) continue;
    if (row.retryAtMs === null || row.retryAtMs > draft.now || row.retiredMs !== null) continue;
    if (!may(row)) continue;
    draft.find(id, {
      fact: { type: 'retry.due' },
      because: `retry ${row.retriesUsed + row.siteRetries} is due after: ${row.reason ?? 'a failure'}`,
    });
    if (draft.input(id).state === 'pending') draft.touch(id, { copyPath: null });
  }
}
