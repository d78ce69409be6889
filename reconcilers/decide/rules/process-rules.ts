/** What to do next about a file in processing: the first rule that answers decides. */

import type { Decision } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import {
  acceptedOutputs,
  type FollowedView,
  isFollowed,
  isSuperseded,
  type ProcessView,
} from '../facts/process-view.ts';
import { putAside } from '../facts/verify-check.ts';
import { failureHold, gateStop, outagePause, softwareHold } from '../stops/gates.ts';
import { wantedCopy } from '../wanted/wanted.ts';
import { datasetIsStopped } from './dataset-is-stopped.ts';
import { inputIsRetired, itFailed, runIsNotWanted } from './input-rules.ts';
import { cancellation, lostOutputAside, promotion } from './process-steps.ts';
import { type Rule, wait } from './rule.ts';
import { underWayStop } from './under-way.ts';

type ProcessRule = Rule<ProcessView, Decision | readonly Decision[]>;

/** A raw copy that this very pass has found bad is put aside before anything else. */
const putBadCopyAside: ProcessRule = ({ context, asRead, input, seen }) =>
  putAside(context, 'process', asRead, input, seen);

/** Bytes under a final name that are not the accepted ones would block the next attempt. */
const putLostOutputsAside: ProcessRule = ({ lost, input, seen }) =>
  unlessNone(lost.flatMap((output) => lostOutputAside(output, input, seen)));

/** Accepted outputs get their final names at once, those of this very pass too. */
const nameOutputsFinally: ProcessRule = (view) => {
  if (!isFollowed(view)) return undefined;
  const { outputs, live, accepted, context } = view;
  const known = acceptedOutputs(outputs, live);
  const refused = known.filter(
    ({ class: cls, retryAtMs }) => cls !== null && (retryAtMs === null || retryAtMs > context.now),
  );
  const free = known.filter((output) => !refused.includes(output));
  return unlessNone([
    ...[...free, ...accepted].map((output) => promotion(view, output)),
    ...refused.flatMap(({ reason }) => wait(stop('name.taken', reason ?? 'its final name is taken')) ?? []),
  ]);
};

/** A job of an older revision only costs, as long as it has not ended. */
const cancelSupersededJob: ProcessRule = (view) => {
  if (!isFollowed(view) || !isSuperseded(view)) return undefined;
  const { job } = view;
  const isInMotion = job.is === 'present' && job.value.state !== 'ended';
  return isInMotion ? cancellation(view, 'the spec changed what is produced') : undefined;
};

const jobIsUnderWay: ProcessRule = (view) => {
  const { state } = view.input;
  if (!isFollowed(view) || (state !== 'running' && state !== 'verified')) return undefined;
  const { job, live, context } = view;
  const underWay = underWayStop('job.underWay', live, howTheJobIs(view), job.is === 'present');
  const said = job.is === 'present' && 'reason' in job.value ? job.value.reason : undefined;
  if (said === undefined) return wait(underWay);
  return wait({ ...underWay, quote: { system: live.submission.driver, said, askedMs: context.now } });
};

function howTheJobIs({ job, live }: FollowedView): string {
  const name = `attempt ${live.attempt.number} (${live.submission.name})`;
  if (job.is === 'unknown') return `${name}: ${job.why}`;
  if (job.is === 'absent') return `${name}: the batch system does not know it at the moment`;
  return `${name}: ${job.value.state === 'ended' ? 'ended, waiting for its results' : job.value.state}`;
}

/** What a job has failed with waits for its time, or for a person. */
const jobFailed: ProcessRule = ({ context, input }) =>
  input.phase === 'process' ? itFailed({ context, input }) : undefined;

/** A file whose time has come is not tried again once it is retired, nor while all that failed like it are held. */
const retryIsHeld: ProcessRule = ({ context, input }) => {
  if (input.phase !== 'process') return undefined;
  return inputIsRetired({ context, input }) ?? wait(softwareHold(context) ?? outagePause(context));
};

/** A file whose attempt has just ended, or that has no place in this phase, is not submitted. */
const nothingToSubmit: ProcessRule = ({ input, live }) =>
  input.state === 'verified' && live === undefined ? undefined : [];

const softwareIsHeld: ProcessRule = ({ context }) => wait(softwareHold(context));

const tooManyFail: ProcessRule = ({ context }) => wait(failureHold(context));

const batchTakesNothing: ProcessRule = ({ context }) => wait(gateStop(context, 'process'));

/** A file that met the outage itself is one of those that try whether it is over. */
const serviceIsDown: ProcessRule = ({ context, input }) =>
  input.class === 'outage' ? undefined : wait(outagePause(context));

const copyIsNotSeen: ProcessRule = ({ context, input, copy }) => {
  if (copy.is === 'present') return undefined;
  const { store } = wantedCopy(context, input);
  const why = copy.is === 'unknown' ? copy.why : 'gone';
  return wait(stop('system.silent', `${store} has not answered: ${why}`));
};

const submitIt: ProcessRule = ({ input }) => ({
  do: 'submit',
  input,
  because: input.attempt === 0 ? 'verified' : `verified, after attempt ${input.attempt}`,
});

/** An answer of several decisions; none is no answer. */
function unlessNone(decisions: readonly Decision[]): readonly Decision[] | undefined {
  return decisions.length === 0 ? undefined : decisions;
}

/**
 * In order: what is bad, what is made already, the job that is live, what failed before, what the
 * spec no longer wants, what stops the dataset, holds its jobs or closes the batch system, what
 * nobody knows, the job.
 */
export const PROCESS_RULES: readonly ProcessRule[] = [
  putBadCopyAside,
  putLostOutputsAside,
  nameOutputsFinally,
  cancelSupersededJob,
  jobIsUnderWay,
  jobFailed,
  retryIsHeld,
  nothingToSubmit,
  inputIsRetired,
  runIsNotWanted,
  datasetIsStopped,
  softwareIsHeld,
  tooManyFail,
  batchTakesNothing,
  serviceIsDown,
  copyIsNotSeen,
  submitIt,
];
