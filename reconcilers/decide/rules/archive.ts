/**
 * Archive: logs, scripts, reports and metadata of every attempt go into a store,
 * one tar for so many submissions; what is left over when the dataset has come
 * to rest goes into a last, smaller one.
 */

import { render } from '../../../specs/template.ts';
import type { DatasetSpec } from '../../../specs/types.ts';
import { chunks } from '../../model/chunks.ts';
import type { PassContext } from '../../model/context.ts';
import { agreeing, counted } from '../../model/counted.ts';
import type { ArchiveRow, SubmissionRow } from '../../model/rows.ts';
import { scopeOf } from '../../model/scope.ts';
import type { Decided, Decision } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import type { PhaseRules } from '../change/phase-rules.ts';
import { datasetStop } from '../stops/dataset-stop.ts';
import { outputsUnderWay } from '../wanted/goals.ts';
import { placeValues } from '../wanted/wanted.ts';
import { type AnsweringRules, answerOf, wait } from './rule.ts';

export const archiveRules: PhaseRules = {
  phase: 'archive',
  countsFiles: true,

  scopes: (context) => [
    // First, and whatever the spec says by now: nothing else can take up what they hold.
    scopeOf('archive', context, { subject: 'archives' }),
    ...(context.dataset.loaded.spec.archive === null
      ? []
      : [scopeOf('archive', context, { subject: 'submissions' })]),
  ],

  rounds: () => [],
  find: () => [],

  decide: (context, page) => [
    ...page.archives.map(begunBefore),
    ...tarViews(context, page.submissions).map((view) => ({
      name: view.first.name,
      ...answerOf(TAR_RULES, view),
    })),
  ],
};

/** Submissions that are to be in one tar. */
export interface TarView {
  readonly context: PassContext;
  readonly wanted: NonNullable<DatasetSpec['archive']>;
  /** The first of them, whose name stands for all. */
  readonly first: SubmissionRow;
  readonly submissions: readonly SubmissionRow[];
}

/** What is next for the submissions of a tar: it is filled first, unless no more of them are to come. */
export const TAR_RULES: AnsweringRules<TarView> = [fillTheTar, archiveThem];

/** Submissions that are over and in no tar, in as many as one takes. */
function tarViews(context: PassContext, submissions: readonly SubmissionRow[]): readonly TarView[] {
  const wanted = context.dataset.loaded.spec.archive;
  if (wanted === null) return [];
  return chunks(submissions, wanted.jobsPerTar).flatMap((chunk) => {
    const [first] = chunk;
    return first === undefined ? [] : [{ context, wanted, first, submissions: chunk }];
  });
}

function fillTheTar({ context, wanted: { jobsPerTar }, submissions }: TarView): Decision | undefined {
  if (submissions.length === jobsPerTar || isAtRest(context)) return undefined;
  const text = `${submissions.length} of ${counted(jobsPerTar, 'submission')} for the next tar`;
  return wait(stop('tar.filling', text));
}

function archiveThem({ context: { dataset }, wanted, submissions }: TarView): Decision {
  return {
    do: 'step',
    step: {
      kind: 'archive',
      phase: 'archive',
      names: submissions.map(({ name }) => name),
      because: `${counted(submissions.length, 'submission')} ${agreeing(submissions.length, 'is', 'are')} over`,
      bytes: 0,
      submissions: submissions.map(({ id, name }) => ({ id, name })),
      store: wanted.store,
      folder: render(wanted.path, placeValues(dataset.requestId, dataset.loaded.spec.name, null)),
      path: null,
      number: null,
    },
  };
}

/** One that was begun and is not on record as stored: made again under its name, or found to be there. */
function begunBefore({ id, store, path, submissions }: ArchiveRow): Decided {
  const names = submissions.map(({ name }) => name);
  const step = {
    kind: 'archive',
    phase: 'archive',
    names,
    because: `it was begun before, for ${counted(names.length, 'submission')}`,
    bytes: 0,
    submissions,
    store,
    folder: '',
    path,
    number: id,
  } as const;
  return { name: path, rule: 'begunBefore', decision: { do: 'step', step } };
}

/** Nothing of the dataset is in motion or can be started: every file is done, or waits for a person. */
function isAtRest(context: PassContext): boolean {
  const { inputs, stopped, waived, liveJobs, liveTransfers } = context.totals;
  const startable = datasetStop(context) === undefined ? inputs.pending + inputs.verified : 0;
  const retrying = inputs.error - stopped - waived;
  if (inputs.transferred + startable + retrying + liveJobs + liveTransfers > 0) return false;
  return stopped > 0 || outputsUnderWay(context) === context.totals.outputsStopped;
}
