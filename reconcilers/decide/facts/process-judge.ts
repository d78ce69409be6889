/** The judgement of one file of a job that has ended. */

import type { NewOutput } from '../../model/change.ts';
import type { PassContext } from '../../model/context.ts';
import type { Failure } from '../../model/failure.ts';
import type { InputFinding } from '../../model/findings.ts';
import { keyOf, type LiveWork } from '../../model/live-work.ts';
import { attemptPath } from '../../model/names.ts';
import type { AttemptEnd, InputRow, OutputRow } from '../../model/rows.ts';
import { look, type World } from '../../model/world.ts';
import type { JobEnd } from '../../ports/batch-system.ts';
import type { Draft } from '../change/draft.ts';
import { NO_TROUBLE } from '../judge/failures.ts';
import { judge } from '../judge/judge.ts';
import { wantedCopy, wantedOutputs } from '../wanted/wanted.ts';
import { noteAnswer, noteSilence } from './answers.ts';
import type { FileEnd } from './process-end.ts';
import { brokenCopy } from './verify-check.ts';

/** One file of a live job, and everything that is known about it. */
export interface FollowedFile {
  readonly context: PassContext;
  readonly its: readonly OutputRow[];
  readonly input: InputRow;
  readonly work: LiveWork;
  readonly seen: World;
  readonly draft: Draft;
}

/** A job has ended: judge what it left for this input. @param end  null: nobody knows how it ended */
export function conclude(about: FollowedFile, end: JobEnd | null): FileEnd | undefined {
  const { context, its, input, work, seen, draft } = about;
  const traces = look(seen.traces, keyOf(work), input.actedMs);
  if (traces.is !== 'present') {
    draft.add(noteSilence(context, work, `the spool: ${traces.is === 'unknown' ? traces.why : 'gone'}`));
    return undefined;
  }
  draft.add(noteAnswer(work));

  const { spec } = context.dataset.loaded;
  const { name } = work.submission;
  const wanted = wantedOutputs(context, input);
  const stored = new Map(
    wanted.map((output) => [
      output.spec.key,
      look(seen.stats.get(output.spec.store), attemptPath(name, output.name), input.actedMs),
    ]),
  );
  const verdict = judge({
    input,
    attempt: work.attempt,
    submission: work.submission,
    end,
    traces: traces.value,
    companions: traces.value.report?.files.length ?? 1,
    wanted,
    stored,
    application: spec.job.application,
    rules: spec.job.failures,
  });
  const of = { work, name: input.name, end, report: traces.value.report };
  if (verdict.is === 'waiting') return { ...of, is: 'waiting' };
  const broken = verdict.is === 'good' || verdict.stageIn ? rawCopyBroken(context, input, seen) : undefined;
  if (verdict.is === 'good' && broken !== undefined) {
    // The job read bytes, but nobody can say whether they were those that were verified.
    const end = { ...verdict.end, state: 'failed', reason: broken.because } as const;
    failInput(input, work, broken, { failure: { class: 'data', reason: broken.because }, end }, draft);
    return { ...of, is: 'bad', reason: broken.because };
  }
  if (verdict.is === 'good') {
    draft.noteAttempt(input.id, work.attempt.revision, 'process', verdict.end);
    const missing = verdict.outputs.filter((output) => !isAcceptedAlready(its, output));
    for (const output of missing) draft.acceptOutput(output);
    if (missing.length === 0) draft.find(input.id, finished(work));
    return { ...of, is: 'good' };
  }
  if (verdict.stageIn && broken === undefined && isUnread(context, input, seen))
    return { ...of, is: 'waiting' };
  failInput(input, work, broken ?? { fact: { type: 'job.failed' as const } }, verdict, draft);
  return { ...of, is: 'bad', reason: verdict.failure.reason };
}

/** Law 3: what was accepted once under a revision stays; a later job only supplies what is missing. */
function isAcceptedAlready(its: readonly OutputRow[], output: NewOutput): boolean {
  return its.some((known) => known.revision === output.revision && known.key === output.key);
}

/** Where the store's copy is broken by now, it is at fault, whatever the job says. */
function rawCopyBroken(context: PassContext, input: InputRow, seen: World) {
  const copy = rawCopy(context, input, seen);
  return copy.is === 'present' ? brokenCopy(context, input, copy.value) : undefined;
}

/** The job says that its input has other bytes, and the store has not read its copy again yet: nobody can say. */
function isUnread(context: PassContext, input: InputRow, seen: World): boolean {
  return input.copyPath !== null && rawCopy(context, input, seen).is === 'unknown';
}

function rawCopy(context: PassContext, input: InputRow, seen: World) {
  return look(seen.stats.get(wantedCopy(context, input).store), input.copyPath ?? '', 0);
}

/** Move a file whose attempt failed, and close that attempt. */
export function failInput(
  input: InputRow,
  { attempt }: LiveWork,
  finding: Pick<Parameters<Draft['find']>[1], 'fact'> & { readonly failure?: Failure },
  verdict: { readonly failure: Failure; readonly end: AttemptEnd },
  draft: Draft,
): void {
  const failure = finding.failure ?? verdict.failure;
  draft.find(input.id, {
    fact: finding.fact,
    because: failure.reason,
    failure,
    end: {
      phase: 'process',
      revision: attempt.revision,
      how: { ...verdict.end, class: failure.class, ...(failure.job && { signature: failure.job.signature }) },
    },
  });
}

/** Every output of an attempt has its final name: its input is done under that revision. */
export function finished({ attempt }: LiveWork): InputFinding {
  return {
    fact: { type: 'job.succeeded' },
    because: `attempt ${attempt.number}: every check passed, every output has its final name`,
    patch: { ...NO_TROUBLE, revision: attempt.revision, acceptedAttempt: attempt.id, waiverId: null },
    end: { phase: 'process', revision: attempt.revision, how: { state: 'accepted' } },
  };
}
