/** What the process phase asks of the outside about a page: jobs first, then what those left that have ended. */
import type { PassContext } from '../../model/context.ts';
import { keyOf, type LiveWork, liveWork } from '../../model/live-work.ts';
import { attemptPath } from '../../model/names.ts';
import type { InputRow, Page } from '../../model/rows.ts';
import { look, type Questions, type World } from '../../model/world.ts';
import { reportOf } from '../judge/judge.ts';
import { depthFor, provingChecksum } from '../wanted/checksums.ts';
import { wantedCopy, wantedOutputs } from '../wanted/wanted.ts';
import { isKeptHere } from './process-done.ts';
import { jobSeen } from './process-view.ts';

/** Jobs, and the copies and outputs that are known. */
export function firstLook(context: PassContext, page: Page): Questions {
  return { jobs: page.submissions.map(({ name }) => name), stats: firstStats(context, page) };
}

/** What ended jobs left in the spool. */
export function secondLook(page: Page, seen: World): Questions {
  return { traces: endedJobs(page, seen).map(keyOf) };
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
export function resultStats(context: PassContext, page: Page, seen: World): NonNullable<Questions['stats']> {
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
