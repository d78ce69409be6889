/** What transfers, copies and submissions of jobs have in common: a row in `submissions`, with its jobs and attempts. */

import type { FileId, Phase } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { Finding } from '../../model/findings.ts';
import type { JobRow, SubmissionRow } from '../../model/rows.ts';
import type { ReadyStep, StepOutcome } from '../../model/steps.ts';
import { afterNo } from '../stops/gates.ts';
import type { About } from './kind.ts';
import { nameOf } from './numbers.ts';

/** What is known once a system has taken a submission. */
export interface Accepted {
  /** The system's own id. */
  readonly systemId: string;
}

type Submitting = 'transfer' | 'copy' | 'submit';

/** The row of a submission that is about to be made. */
export function newSubmission(
  context: PassContext,
  step: ReadyStep<Submitting>,
  made: Pick<SubmissionRow, 'driver' | 'endpoint'>,
): SubmissionRow {
  return {
    id: step.number,
    name: nameOf(context, step),
    phase: step.phase,
    generation: context.dataset.generation,
    site: context.dataset.loaded.site.name,
    ...made,
    state: 'intended',
    systemId: null,
    intendedMs: context.now,
    acceptedMs: null,
  };
}

/** A job as it is before anything is known of it. */
export function newJob(submissionId: number, index: number, type: string, now: number): JobRow {
  return {
    submissionId,
    index,
    type,
    status: 'pending',
    refSubmissionId: null,
    refIndex: null,
    refKind: null,
    sinceMs: now,
    exitCode: null,
    signal: null,
    batchState: null,
    stuck: null,
    node: null,
    processor: null,
    cpuMs: null,
    wallMs: null,
    peakMemoryBytes: null,
    absentMs: null,
    absentSeen: 0,
    silentMs: null,
    silentTold: false,
  };
}

/** A file of a submission, by the attempt that is live for it. */
export interface Submitted {
  readonly fileId: FileId;
  readonly revision: string;
}

/**
 * What an answer to a submission comes to. One that was answered no has made nothing: the
 * attempts are over, and burn no retry where the system was full.
 */
export function concludeSubmission(
  { context, standing }: About,
  { number: id, phase }: { readonly number: number; readonly phase: Phase },
  outcome: StepOutcome<Submitting>,
  files: readonly Submitted[],
): readonly Finding[] {
  const { now, totals, dataset } = context;
  if (outcome.ok) {
    const open = { on: 'gate', phase, gate: null } as const;
    if (standing.submission(id).state !== 'intended') return [open];
    const patch = { state: 'accepted', systemId: outcome.systemId, acceptedMs: now } as const;
    return [{ on: 'submission', id, patch }, open];
  }
  // No clear answer: it may exist. The next pass looks for it by its name.
  if (outcome.code === 'unavailable' || outcome.code === 'conflict') return [];

  const refused = outcome.code === 'refused';
  const reason = `${refused ? 'refused' : 'not accepted'}: ${outcome.message}`;
  const end = { state: 'refused', class: refused ? 'outage' : 'unknown', reason } as const;
  const kind = refused ? 'refused' : 'rejected';
  const said = { kind, message: reason, generation: dataset.generation } as const;
  return [
    ...files.map(({ fileId, revision }) => ({ on: 'attemptEnd', fileId, revision, phase, end }) as const),
    { on: 'gate', phase, gate: afterNo(totals.gates[phase], said, now) },
  ];
}
