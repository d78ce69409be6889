import type { NewOutput } from '../../model/change.ts';
import type { PassContext } from '../../model/context.ts';
import { groupBy } from '../../model/group-by.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { InputRow, OutputRow, Page } from '../../model/rows.ts';
import type { Observed, World } from '../../model/world.ts';
import type { JobSeen } from '../../ports/batch-system.ts';
import type { StoredFile } from '../../ports/store.ts';
import type { Standing } from '../change/change-of.ts';
import { lookInside } from './answers.ts';
import { copySeen } from './verify-check.ts';

/** Everything that facts and rules may know of a file in processing. */
export interface ProcessView {
  readonly context: PassContext;
  /** The input as it was read. */
  readonly asRead: InputRow;
  /** The input as it stands now: for facts once retries are due, for rules after all facts. */
  readonly input: InputRow;
  /** Its outputs that count, as they stand now. */
  readonly outputs: readonly OutputRow[];
  /** Its outputs that were found to be lost in this very pass. */
  readonly lost: readonly OutputRow[];
  /** What was accepted in this very pass and is not written yet. */
  readonly accepted: readonly NewOutput[];
  /** Its live attempt, as it was read. */
  readonly live: LiveWork | undefined;
  /** Its job there, as the batch system has it; unknown where there is none. */
  readonly job: Observed<JobSeen>;
  /** Its raw copy, as the store has it. */
  readonly copy: Observed<StoredFile>;
  readonly seen: World;
}

/** A file with a live attempt. */
export interface FollowedView extends ProcessView {
  readonly live: LiveWork;
}

/** The views of the files of a page. @param standing  their rows as they stand now */
export function processViews(
  context: PassContext,
  page: Page,
  seen: World,
  standing: Standing,
): readonly ProcessView[] {
  const work = liveWork(page);
  const outputs = groupBy(page.outputs, (output) => output.inputId);
  return page.inputs.map((asRead): ProcessView => {
    const input = standing.input(asRead.id);
    const counted = (outputs.get(input.id) ?? []).filter(({ state }) => state !== 'lost');
    const now = counted.map(({ id }) => standing.output(id));
    const live = work.get(input.id);
    return {
      context,
      asRead,
      input,
      outputs: now.filter(({ state }) => state !== 'lost'),
      lost: now.filter(({ state }) => state === 'lost'),
      accepted: standing.accepted(input.id),
      live,
      job: live ? jobSeen(live, seen, input.actedMs) : { is: 'unknown', why: 'it has no job' },
      copy: copySeen(context, input, seen),
      seen,
    };
  });
}

/** Whether a view is of a file with a live attempt. */
export function isFollowed(view: ProcessView): view is FollowedView {
  return view.live !== undefined;
}

/** A file's job within the answer about its submission. */
export function jobSeen({ submission, attempt }: LiveWork, seen: World, actedMs: number): Observed<JobSeen> {
  return lookInside(seen.jobs, submission.name, actedMs, (whole) => whole.jobs.get(attempt.jobIndex));
}

/** Outputs of this very attempt that are accepted already: only their final names are missing. */
export function acceptedOutputs(outputs: readonly OutputRow[], { attempt }: LiveWork): readonly OutputRow[] {
  return outputs.filter((output) => output.attemptId === attempt.id && output.state === 'accepted');
}

/** The spec has changed what is produced since the attempt began. */
export function isSuperseded({ context, live }: FollowedView): boolean {
  return live.attempt.revision !== context.dataset.loaded.revision;
}
