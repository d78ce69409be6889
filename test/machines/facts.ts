/** Every fact there is, for tests that try all of them. */
import type { Position } from '../../machines/advance.ts';
import type { FileFact, FileState, JobFact, OutputFact } from '../../machines/model.ts';

export const FILE_FACTS: readonly FileFact[] = [
  { type: 'copy.present' },
  { type: 'copy.absent' },
  { type: 'transfer.failed' },
  { type: 'check.passed' },
  { type: 'check.failed', fault: 'copy' },
  { type: 'check.failed', fault: 'catalog' },
  { type: 'job.accepted' },
  { type: 'job.succeeded' },
  { type: 'job.failed' },
  { type: 'job.lost' },
  { type: 'outputs.copied' },
  { type: 'outputs.missing' },
  { type: 'output.absent' },
  { type: 'output.corrupt' },
  { type: 'processing.outdated', rawCopy: 'present' },
  { type: 'processing.outdated', rawCopy: 'gone' },
  { type: 'source.replaced' },
  { type: 'retry.due' },
  { type: 'operator.cleaned' },
  { type: 'difference.waived' },
  { type: 'input.waived' },
];

export const OUTPUT_FACTS: readonly OutputFact[] = [
  { type: 'output.promoted' },
  { type: 'output.declared' },
  { type: 'output.retracted' },
  { type: 'output.located' },
  { type: 'output.copied' },
  { type: 'output.deleted' },
  { type: 'far.absent' },
  { type: 'far.corrupt' },
  { type: 'output.absent' },
  { type: 'output.corrupt' },
  { type: 'output.superseded' },
];

export const JOB_FACTS: readonly JobFact[] = [
  { type: 'job.started' },
  { type: 'job.succeeded' },
  { type: 'job.failed' },
  { type: 'job.vanished' },
];

/** A position outside `error`. */
export function standing(state: Exclude<FileState, 'error'>): Position {
  return { state, phase: null, fault: null };
}

/** The ways to stand in `error`, by what failed. */
export const ERRORS = {
  transfer: { state: 'error', phase: 'transfer', fault: null },
  copy: { state: 'error', phase: 'verify', fault: 'copy' },
  catalog: { state: 'error', phase: 'verify', fault: 'catalog' },
  process: { state: 'error', phase: 'process', fault: null },
} as const satisfies Record<string, Position>;

export const POSITIONS: readonly Position[] = [
  ...(['pending', 'transferred', 'verified', 'running', 'done', 'copied'] as const).map(standing),
  ...Object.values(ERRORS),
];

/** A fact as a short text, for titles. */
export function factText(fact: FileFact): string {
  const { type, ...details } = fact;
  return [type, ...Object.values(details)].join(' ');
}
