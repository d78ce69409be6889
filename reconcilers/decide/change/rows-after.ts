/** How a finding changes one row, and what the row's history says of it. */
import type { Position } from '../../../machines/advance.ts';
import { advanceJob, advanceOutput } from '../../../machines/advance.ts';
import type { FileFact, Millis, Phase } from '../../../machines/model.ts';
import type { RetrySpec } from '../../../specs/types.ts';
import type { Finding } from '../../model/findings.ts';
import type { InputRow, JobRow, OutputRow, Transition } from '../../model/rows.ts';
import { afterFailure, NO_TROUBLE } from '../judge/failures.ts';
import { nodesAfter } from '../judge/suspects.ts';

/** What findings are judged by. */
export interface ChangeOptions {
  readonly now: Millis;
  /** The phase at fault where a failure moves no input. */
  readonly phase: Phase;
  readonly retry: Readonly<Record<Phase, RetrySpec>>;
  /** Inputs and outputs that change were acted on at this moment; left out: their findings say when. */
  readonly actedMs?: Millis;
}

/** A row as it is to be, and its move, if it moved. */
export interface After<Row> {
  readonly row: Row;
  readonly transition: Transition | null;
}

/** An input after a finding; a fact its state has no use for changes nothing but its columns. */
export function inputAfter(
  before: InputRow,
  finding: Finding<'input'>,
  { now, phase, retry }: ChangeOptions,
  advance: (at: Position, fact: FileFact) => Position,
): After<InputRow> {
  const { fact, because, failure, patch } = finding;
  const at = fact === null ? before : advance(before, fact);
  const position = { state: at.state, phase: at.phase, fault: at.fault };
  const trying = failure
    ? {
        ...afterFailure(before, failure, { name: before.name, retry: retry[position.phase ?? phase], now }),
        ...nodesAfter(before, failure.job),
      }
    : {};
  const row = { ...before, ...position, ...trying, ...patch };
  if (at === before || fact === null) return { row, transition: null };
  return {
    row: { ...row, sinceMs: now },
    transition: {
      subject: { kind: 'file', id: before.id },
      from: before.state,
      to: at.state,
      phase: at.phase,
      fact: fact.type,
      because,
      attempt: before.attempt,
    },
  };
}

/** An output after a finding; a move ends its trouble. */
export function outputAfter(
  before: OutputRow,
  finding: Finding<'output'>,
  { now, phase, retry }: ChangeOptions,
): After<OutputRow> {
  const { fact, because, failure, patch } = finding;
  const state = fact === null ? before.state : advanceOutput(before.state, fact);
  const moved = state !== before.state;
  const rested = moved ? { ...NO_TROUBLE, phase: null } : {};
  const trying = failure
    ? { ...afterFailure(before, failure, { name: before.name, retry: retry[phase], now }), phase }
    : rested;
  const row = { ...before, state, ...trying, ...patch };
  if (!moved || fact === null) return { row, transition: null };
  return {
    row: { ...row, sinceMs: now },
    transition: {
      subject: { kind: 'file', id: before.id },
      from: before.state,
      to: state,
      phase: null,
      fact: fact.type,
      because,
      attempt: before.attempt,
    },
  };
}

/** A job after a finding. */
export function jobAfter(
  before: JobRow,
  { fact, because, patch }: Finding<'job'>,
  { now }: Pick<ChangeOptions, 'now'>,
): After<JobRow> {
  const status = fact === null ? before.status : advanceJob(before.status, fact);
  const row = { ...before, ...patch, status };
  if (fact === null || status === before.status) return { row, transition: null };
  return {
    row: { ...row, sinceMs: now },
    transition: {
      subject: { kind: 'job', submissionId: before.submissionId, index: before.index },
      from: before.status,
      to: status,
      phase: null,
      fact: fact.type,
      because,
      attempt: null,
    },
  };
}
