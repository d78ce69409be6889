/**
 * Process: a job reads the file and writes new ones, which are checked.
 *
 *   verified ──job.accepted──► running ──job.succeeded──► done
 *                                 └──job.failed, job.lost──► error
 *   done, copied ──output.absent, output.corrupt──► error ;  ──processing.outdated──► verified
 */

import type { PassContext } from '../../model/context.ts';
import { groupBy } from '../../model/group-by.ts';
import { keyOf, type LiveWork, liveWork } from '../../model/live-work.ts';
import { attemptPath } from '../../model/names.ts';
import type { InputRow, OutputRow, Page } from '../../model/rows.ts';
import { type PageScope, scopeOf } from '../../model/scope.ts';
import { look, type Questions, type World } from '../../model/world.ts';
import type { Draft } from '../change/draft.ts';
import { draftedBy, type PhaseRules } from '../change/phase-rules.ts';
import { isKeptHere, KEPT_HERE, lookAtDone } from '../facts/process-done.ts';
import { endJobs, type FileEnd } from '../facts/process-end.ts';
import { followJob, jobSeen } from '../facts/process-follow.ts';
import { retryDue } from '../facts/retry-due.ts';
import { scrubFindings, scrubOf, scrubStats } from '../facts/scrub.ts';
import { brokenCopy, putAside } from '../facts/verify-check.ts';
import { reportOf } from '../judge/judge.ts';
import { mayTryAgain } from '../stops/gates.ts';
import { depthFor, provingChecksum } from '../wanted/checksums.ts';
import { wantedCopy, wantedOutputs } from '../wanted/wanted.ts';
import { decideProcessing } from './process-decide.ts';

export const processRules: PhaseRules = {
  phase: 'process',
  countsFiles: true,

  scopes: (context) => {
    const { spec, revision } = context.dataset.loaded;
    const atMost = spec.limits.jobs * spec.job.filesPerJob;
    const waiting = context.resync ? Number.MAX_SAFE_INTEGER : atMost;
    return [
      scopeOf('process', context, {
        subject: 'inputs',
        states: context.resync ? ['running', 'done', 'copied'] : ['running'],
        errorPhases: ['process'],
        outdated: spec.onChange === 'reprocess' ? revision : null,
        withOutputs: true,
        some: { state: 'verified', atMost, waiting },
      }),
      ...scrubScope(context),
    ];
  },

  rounds: (context, page) => [
    () => ({ jobs: page.submissions.map((row) => row.name), stats: firstStats(context, page) }),
    (seen) => ({ traces: endedJobs(page, seen).map((work) => keyOf(work)) }),
    (seen) => ({
      stats: [...resultStats(context, page, seen), ...scrubStats(context, page, finalPlace, seen)],
    }),
  ],

  find: draftedBy('process', (context, page, seen, draft) => {
    draft.add(retryDue(page, context.now, ['process'], mayTryAgain(context)));
    const work = liveWork(page);
    const outputs = outputsByInput(page);
    const ends: FileEnd[] = [];
    for (const { id } of page.inputs) {
      const live = work.get(id);
      const input = draft.input(id);
      const its = outputs.get(id) ?? [];
      if (live) {
        const end = followJob(context, its, input, live, seen, draft);
        if (end) ends.push(end);
      } else if (input.state === 'verified') checkRawCopy(context, id, seen, draft);
      else if (input.state === 'done' || input.state === 'copied')
        lookAtDone(context, its, input, seen, draft);
    }
    endJobs(ends, draft);
    draft.add(scrubFindings(context, page, finalPlace, seen));
  }),

  decide(context, page, seen, standing) {
    const work = liveWork(page);
    const outputs = outputsByInput(page);
    return page.inputs.flatMap((asRead) => {
      const { id, name } = asRead;
      const its = outputs.get(id) ?? [];
      const aside = putAside(context, 'process', asRead, standing.input(id), seen);
      const decisions = aside
        ? [aside]
        : decideProcessing(context, its, standing.input(id), work.get(id), seen, standing);
      return decisions.map((decision) => ({ name, rule: 'decideProcessing', decision }));
    });
  },
};

/** Files of which outputs that are kept here only are due to be read again. */
function scrubScope(context: PassContext): readonly PageScope[] {
  const scrub = scrubOf(context);
  if (scrub === null) return [];
  return [scopeOf('process', context, { subject: 'inputs', states: KEPT_HERE, withOutputs: true, scrub })];
}

const finalPlace = ({ store, path }: OutputRow) => ({ store, path });

/** A page has thousands of outputs: each input must not look through all of them. */
function outputsByInput(page: Page): ReadonlyMap<number, readonly OutputRow[]> {
  return groupBy(page.outputs, (output) => output.inputId);
}

/** Raw copies that are about to be read, accepted outputs on their way, and at a resync what should lie there. */
function firstStats(context: PassContext, page: Page): NonNullable<Questions['stats']> {
  const raw = page.inputs.flatMap((input) =>
    input.copyPath === null || (input.state !== 'verified' && input.state !== 'error')
      ? []
      : [{ store: wantedCopy(context, input).store, path: input.copyPath, depth: 'size' as const }],
  );
  const outputs = page.outputs.flatMap((output) => {
    const { state, store, path, attemptPath: early } = output;
    const final = { store, path, depth: 'size' as const };
    if (state === 'accepted') return [final, { ...final, path: early }];
    return isKeptHere(context, output) ? [final] : [];
  });
  return [...raw, ...outputs];
}

/** Live jobs that the batch system says have ended, or no longer knows: their traces are asked for. */
function endedJobs(page: Page, seen: World): readonly LiveWork[] {
  return [...liveWork(page).values()].filter((work) => {
    const { submission } = work;
    const job = jobSeen(work, seen, 0);
    if (job.is !== 'absent') return job.is === 'present' && job.value.state === 'ended';
    return submission.state === 'accepted' || look(seen.jobs, submission.name, 0).is === 'present';
  });
}

/** What ended jobs left under their attempts' names, and the raw copy they read. */
function resultStats(context: PassContext, page: Page, seen: World): NonNullable<Questions['stats']> {
  const inputs = new Map(page.inputs.map((input) => [input.id, input]));
  return endedJobs(page, seen).flatMap((work) => {
    const input = inputs.get(work.attempt.fileId);
    if (input === undefined) return [];
    const { name } = work.submission;
    const outputs = wantedOutputs(context, input).map((wanted) => ({
      store: wanted.spec.store,
      path: attemptPath(name, wanted.name),
      depth: 'checksum' as const,
    }));
    if (input.copyPath === null) return outputs;
    const proving = provingChecksum(input);
    const depth = proving !== null && blamesInput(input, work, seen) ? depthFor(proving) : ('size' as const);
    return [...outputs, { store: wantedCopy(context, input).store, path: input.copyPath, depth }];
  });
}

/** The job says that its input did not arrive as it should be: the store must read the copy's bytes again. */
function blamesInput(input: InputRow, work: LiveWork, seen: World): boolean {
  const traces = look(seen.traces, keyOf(work), input.actedMs);
  return traces.is === 'present' && reportOf({ input, traces: traces.value })?.failedAt === 'stageIn';
}

/** A file is not submitted on a copy that is gone or broken. */
function checkRawCopy(context: PassContext, id: number, seen: World, draft: Draft): void {
  const input = draft.input(id);
  if (input.copyPath === null) {
    // It was released when the file was done, and is to be processed once more.
    draft.find(id, { fact: { type: 'copy.absent' }, because: 'its raw copy was released' });
    return;
  }
  const copy = look(seen.stats.get(wantedCopy(context, input).store), input.copyPath, input.actedMs);
  if (copy.is === 'absent') {
    draft.find(id, {
      fact: { type: 'copy.absent' },
      because: `the copy is no longer at ${input.copyPath}`,
      patch: { copyPath: null },
    });
  }
  if (copy.is !== 'present') return;
  const finding = brokenCopy(context, input, copy.value);
  if (finding) draft.find(id, finding);
}
