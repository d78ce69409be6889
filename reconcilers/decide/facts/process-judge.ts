/** The judgement of one file of a job that has ended. */

import type { FileFact } from '../../../machines/model.ts';
import type { NewOutput } from '../../model/change.ts';
import type { Failure } from '../../model/failure.ts';
import { type Finding, type InputFinding, onInput } from '../../model/findings.ts';
import type { LiveWork } from '../../model/live-work.ts';
import { attemptPath } from '../../model/names.ts';
import type { AttemptEnd } from '../../model/rows.ts';
import { look, type Observed } from '../../model/world.ts';
import type { JobEnd } from '../../ports/batch-system.ts';
import type { JobTraces } from '../../ports/spool.ts';
import type { StoredFile } from '../../ports/store.ts';
import { NO_TROUBLE } from '../judge/failures.ts';
import { judge, type Verdict } from '../judge/judge.ts';
import { wantedOutputs } from '../wanted/wanted.ts';
import type { FollowedView } from './process-view.ts';
import { brokenCopy, copySeen } from './verify-check.ts';

/** What the end of a job means for one of its files. */
export type Judgement =
  /** A store has not answered yet. */
  | { readonly is: 'waiting' }
  /** Its outputs count, those first that do not yet. */
  | { readonly is: 'good'; readonly outputs: readonly NewOutput[]; readonly end: AttemptEnd }
  | {
      readonly is: 'bad';
      readonly fact: FileFact | null;
      readonly failure: Failure;
      readonly end: AttemptEnd;
      /** Why the job is said to have failed with it. */
      readonly reason: string;
    };

/** Judge what a job left for one file. @param end  null: nobody knows how it ended */
export function judgeFile(view: FollowedView, end: JobEnd | null, traces: JobTraces): Judgement {
  const verdict = verdictOf(view, end, traces);
  if (verdict.is === 'waiting') return { is: 'waiting' };
  return verdict.is === 'good' ? judgeGood(view, verdict) : judgeBad(view, verdict);
}

function verdictOf(
  { context, input, live, seen }: FollowedView,
  end: JobEnd | null,
  traces: JobTraces,
): Verdict {
  const { spec } = context.dataset.loaded;
  const { attempt, submission } = live;
  const wanted = wantedOutputs(context, input);
  const stored = wanted.map((output) => {
    const path = attemptPath(submission.name, output.name);
    return [output.spec.key, look(seen.stats.get(output.spec.store), path, input.actedMs)] as const;
  });
  return judge({
    input,
    attempt,
    submission,
    end,
    traces,
    companions: traces.report?.files.length ?? 1,
    wanted,
    stored: new Map(stored),
    application: spec.job.application,
    rules: spec.job.failures,
  });
}

/** Where the store's copy is broken by now, nobody can say whether the job read the bytes that were verified. */
function judgeGood(view: FollowedView, { outputs, end }: Extract<Verdict, { is: 'good' }>): Judgement {
  const broken = rawCopyBroken(view);
  if (broken === undefined) {
    return { is: 'good', outputs: outputs.filter((output) => !isAcceptedAlready(view, output)), end };
  }
  const reason = broken.because;
  const failure = broken.failure ?? { class: 'data', reason };
  return { is: 'bad', fact: broken.fact, failure, end: { ...end, state: 'failed', reason }, reason };
}

/** Where the store's copy is broken by now, it is at fault, whatever the job says. */
function judgeBad(view: FollowedView, { failure, end, stageIn }: Extract<Verdict, { is: 'bad' }>): Judgement {
  const broken = stageIn ? rawCopyBroken(view) : undefined;
  if (stageIn && broken === undefined && isUnread(view)) return { is: 'waiting' };
  return {
    is: 'bad',
    fact: broken?.fact ?? { type: 'job.failed' },
    failure: broken?.failure ?? failure,
    end,
    reason: failure.reason,
  };
}

/** Law 3: what was accepted once under a revision stays; a later job only supplies what is missing. */
function isAcceptedAlready({ outputs }: FollowedView, { revision, key }: NewOutput): boolean {
  return outputs.some((known) => known.revision === revision && known.key === key);
}

function rawCopyBroken(view: FollowedView): InputFinding | undefined {
  const copy = rawCopy(view);
  return copy.is === 'present' ? brokenCopy(view.context, view.input, copy.value) : undefined;
}

/** The job says that its input has other bytes, and the store has not read its copy again yet: nobody can say. */
function isUnread(view: FollowedView): boolean {
  return view.input.copyPath !== null && rawCopy(view).is === 'unknown';
}

/** The copy as any answer has it: a job that is submitted changes nothing of it. */
function rawCopy({ context, input, seen }: FollowedView): Observed<StoredFile> {
  return copySeen(context, { ...input, actedMs: 0 }, seen);
}

/** What a judgement changes: outputs are accepted, or the file's attempt is over. */
export function judged({ input, live }: FollowedView, judgement: Judgement): readonly Finding[] {
  const { attempt } = live;
  if (judgement.is === 'waiting') return [];
  if (judgement.is === 'bad') return [inputFailed(input.id, live, judgement)];
  const { end, outputs } = judgement;
  const note = { fileId: input.id, revision: attempt.revision, phase: 'process', end } as const;
  const accepted = outputs.map((output) => ({ on: 'acceptance', output }) as const);
  const done = outputs.length === 0 ? [onInput(input.id, finished(live))] : [];
  return [{ on: 'attemptNote', ...note }, ...accepted, ...done];
}

/** A file's attempt has failed, and is closed. */
export function inputFailed(
  id: number,
  { attempt }: LiveWork,
  {
    fact,
    failure,
    end,
  }: { readonly fact: FileFact | null; readonly failure: Failure; readonly end: AttemptEnd },
): Finding {
  const signature = failure.job && { signature: failure.job.signature };
  const how = { ...end, class: failure.class, ...signature };
  return onInput(id, {
    fact,
    because: failure.reason,
    failure,
    end: { phase: 'process', revision: attempt.revision, how },
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
