/**
 * Archive: logs, scripts, reports and metadata of every attempt go into a store,
 * one tar for so many submissions; what is left over when the dataset has come
 * to rest goes into a last, smaller one.
 */

import { render } from '../../../specs/template.ts';
import type { PassContext } from '../../model/context.ts';
import { agreeing, counted } from '../../model/counted.ts';
import type { ArchiveRow, SubmissionRow } from '../../model/rows.ts';
import { scopeOf } from '../../model/scope.ts';
import type { Decided, Decision } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import type { PhaseRules } from '../change/phase-rules.ts';
import { chunks } from '../steps/plan.ts';
import { datasetStop } from '../stops/dataset-stop.ts';
import { outputsUnderWay } from '../wanted/goals.ts';
import { placeValues } from '../wanted/wanted.ts';

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

  decide(context, page) {
    const begun = page.archives.map(resumed);
    const wanted = context.dataset.loaded.spec.archive;
    if (wanted === null) return begun;
    const atRest = isAtRest(context);
    const tars = chunks(page.submissions, wanted.jobsPerTar);
    const fresh = tars.flatMap((submissions): Decided[] => {
      const name = submissions[0]?.name ?? '';
      if (submissions.length === wanted.jobsPerTar || atRest) {
        return [{ name, rule: 'archiveFullTars', decision: archive(context, submissions) }];
      }
      const text = `${submissions.length} of ${counted(wanted.jobsPerTar, 'submission')} for the next tar`;
      return [{ name, rule: 'fillTheTar', decision: { do: 'wait', stop: stop('tar.filling', text) } }];
    });
    return [...begun, ...fresh];
  },
};

/** One that was begun and is not on record as stored: made again under its name, or found to be there. */
function resumed({ id, store, path, submissions }: ArchiveRow): Decided {
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
  return { name: names[0] ?? '', rule: 'resumeArchive', decision: { do: 'step', step } };
}

/** Nothing of the dataset is in motion or can be started: every file is done, or waits for a person. */
function isAtRest(context: PassContext): boolean {
  const { inputs, stopped, waived, liveJobs, liveTransfers } = context.totals;
  const startable = datasetStop(context) === undefined ? inputs.pending + inputs.verified : 0;
  const retrying = inputs.error - stopped - waived;
  if (inputs.transferred + startable + retrying + liveJobs + liveTransfers > 0) return false;
  return stopped > 0 || outputsUnderWay(context) === context.totals.outputsStopped;
}

function archive({ dataset }: PassContext, submissions: readonly SubmissionRow[]): Decision {
  const { spec } = dataset.loaded;
  return {
    do: 'step',
    step: {
      kind: 'archive',
      phase: 'archive',
      names: submissions.map((submission) => submission.name),
      because: `${counted(submissions.length, 'submission')} ${agreeing(submissions.length, 'is', 'are')} over`,
      bytes: 0,
      submissions: submissions.map(({ id, name }) => ({ id, name })),
      store: spec.archive?.store ?? spec.input.store,
      folder: render(spec.archive?.path ?? '', placeValues(dataset.requestId, spec.name, null)),
      path: null,
      number: null,
    },
  };
}
