/** What to do next about a file in processing. */

import type { PassContext } from '../../model/context.ts';
import type { LiveWork } from '../../model/live-work.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';
import { type Decision, expectedBytes } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import { look, type World } from '../../model/world.ts';
import type { Standing } from '../change/change-of.ts';
import { acceptedOutputs, jobSeen } from '../facts/process-follow.ts';
import { unwantedRun } from '../members/named-members.ts';
import { jobStop } from '../stops/gates.ts';
import { wantedCopy } from '../wanted/wanted.ts';

/**
 * The next steps of a file as it stands, or why it waits; none where there is nothing to say.
 *
 * @param its  its outputs that count, as they were read
 */
export function decideProcessing(
  context: PassContext,
  its: readonly OutputRow[],
  input: InputRow,
  live: LiveWork | undefined,
  seen: World,
  standing: Standing,
): readonly Decision[] {
  const corrupt = its
    .filter((output) => output.state !== 'lost')
    .flatMap((output) => setAside(output, input, seen, standing));
  if (corrupt.length > 0) return corrupt;

  if (live) {
    const promotions = promote(its, input, live, standing);
    if (promotions.length > 0) return promotions;
    const cancel = cancelSuperseded(context, input, live, seen);
    if (cancel) return [cancel];
    return input.state === 'running' || input.state === 'verified'
      ? [{ do: 'wait', stop: stop('job.underWay', howTheJobIs(live, input, seen)) }]
      : [];
  }
  return input.state === 'verified' ? [submitOrWait(context, input, seen)] : [];
}

type Promotable = Pick<
  OutputRow,
  'key' | 'name' | 'store' | 'path' | 'attemptPath' | 'sizeBytes' | 'checksum'
>;

function promote(its: readonly OutputRow[], input: InputRow, live: LiveWork, standing: Standing): Decision[] {
  const known = acceptedOutputs(its, live)
    .map(({ id }) => standing.output(id))
    .filter(({ state }) => state === 'accepted');
  const waiting = known.filter((output) => notYetAgain(output, standing.now));
  const outputs: readonly Promotable[] = [
    ...known.filter((output) => !waiting.includes(output)),
    ...standing.accepted(input.id),
  ];
  return [
    ...outputs.map((output) => promotion(output, input, live)),
    ...waiting.map(
      ({ reason }): Decision => ({
        do: 'wait',
        stop: stop('name.taken', reason ?? 'its final name is taken'),
      }),
    ),
  ];
}

/** Its final name could not be given: it is tried again when it is due, or once a person has cleaned it. */
function notYetAgain(output: OutputRow, now: number): boolean {
  return output.class !== null && (output.retryAtMs === null || output.retryAtMs > now);
}

function promotion(output: Promotable, input: InputRow, live: LiveWork): Decision {
  return {
    do: 'step',
    step: {
      kind: 'promote',
      phase: 'process',
      names: [output.name],
      because: `${live.submission.name} passed every check`,
      bytes: output.sizeBytes,
      of: 'output',
      fileId: input.id,
      outputKey: output.key,
      store: output.store,
      from: output.attemptPath,
      to: output.path,
      expected: expectedBytes(output),
      companion: null,
    },
  };
}

/** Bytes under an output's final name that are not the accepted ones would block the next attempt. */
export function setAside(output: OutputRow, input: InputRow, seen: World, standing: Standing): Decision[] {
  if (standing.output(output.id).state !== 'lost') return [];
  const copy = look(seen.stats.get(output.store), output.path, output.actedMs);
  if (copy.is !== 'present') return [];
  return [
    {
      do: 'step',
      step: {
        kind: 'quarantine',
        phase: 'process',
        names: [output.name],
        because: `not the accepted bytes of ${input.name}`,
        bytes: copy.value.sizeBytes,
        store: output.store,
        path: output.path,
        fileId: null,
        submission: null,
        number: null,
      },
    },
  ];
}

function cancelSuperseded(
  context: PassContext,
  input: InputRow,
  { attempt, submission }: LiveWork,
  seen: World,
): Decision | undefined {
  if (attempt.revision === context.dataset.loaded.revision) return undefined;
  const answer = look(seen.jobs, submission.name, input.actedMs);
  const job = answer.is === 'present' ? answer.value.jobs.get(attempt.jobIndex) : undefined;
  if (job === undefined || job.state === 'ended') return undefined;
  return {
    do: 'step',
    step: {
      kind: 'cancel',
      phase: 'process',
      names: [submission.name],
      because: 'the spec changed what is produced',
      bytes: 0,
      submission: submission.name,
    },
  };
}

function howTheJobIs(live: LiveWork, input: InputRow, seen: World): string {
  const answer = jobSeen(live, seen, input.actedMs);
  const job = `attempt ${live.attempt.number} (${live.submission.name})`;
  if (answer.is === 'unknown') return `${job}: ${answer.why}`;
  if (answer.is === 'absent') return `${job}: the batch system does not know it at the moment`;
  return `${job}: ${answer.value.state === 'ended' ? 'ended, waiting for its results' : answer.value.state}`;
}

function submitOrWait(context: PassContext, input: InputRow, seen: World): Decision {
  if (input.retiredMs !== null)
    return { do: 'wait', stop: stop('retired', 'retired: the input no longer names this file') };
  const unwanted = unwantedRun(context.dataset, input);
  if (unwanted) return { do: 'wait', stop: stop('run.unknown', unwanted) };
  const stopped = jobStop(context, input);
  if (stopped) return { do: 'wait', stop: stopped };

  const { store } = wantedCopy(context, input);
  const copy = look(seen.stats.get(store), input.copyPath ?? '', input.actedMs);
  if (copy.is !== 'present') {
    return {
      do: 'wait',
      stop: stop('system.silent', `${store} has not answered: ${copy.is === 'unknown' ? copy.why : 'gone'}`),
    };
  }
  return {
    do: 'submit',
    input,
    because: input.attempt === 0 ? 'verified' : `verified, after attempt ${input.attempt}`,
  };
}
