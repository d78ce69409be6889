/** Which class a failed job has, and what it has in common with others. */
import type { ErrorClass } from '../../../machines/model.ts';
import { matchesALine } from '../../../specs/posix-pattern.ts';
import type { FailureRule } from '../../../specs/types.ts';
import type { Failure } from '../../model/failure.ts';
import type { JobEnd } from '../../ports/batch-system.ts';
import { tellingLine, withoutShellWords } from './job-log.ts';
import { LIMIT_SIGNALS, OUTSIDE_SIGNALS } from './signals.ts';
import { signature } from './signature.ts';

/** What is known to have gone wrong with a job, before its log and the rules have been asked. */
export interface Problem {
  /** Where no rule says more. */
  readonly class: ErrorClass;
  readonly reason: string;
  /** What of it is compared with others; by default the reason. */
  readonly alike?: string;
  /** Why it is so stands in the log; what is said where nothing stands there, or nothing more. */
  readonly untold?: string;
  readonly suspect?: boolean;
}

/** What of a failed job the rules may read. */
export interface FailedJob {
  readonly end: JobEnd | null;
  readonly exitCode: number | null;
  /** That ended the command. */
  readonly signal: string | null;
  readonly node: string | null;
  /** Of its log's end, those that are about the file. */
  readonly lines: readonly string[];
  /** Of the file and of what is made of it. */
  readonly names: readonly string[];
  readonly problem: Problem;
}

/**
 * `classify` says why a job failed: by the spec's rules first, then the built-in ones,
 * first match wins.
 *
 * The log's telling line is part of the reason, and of what is compared with others: the
 * line that the rule matched, else the last one where the problem stands in the log.
 */
export function classify(job: FailedJob, rules: readonly FailureRule[]): Failure {
  const { problem } = job;
  const rule = rules.find((one) => matches(one, job));
  const cls = rule?.class ?? builtInClass(job);
  const pattern = rule?.log ?? null;
  const asked = pattern !== null || problem.untold !== undefined;
  const line = asked ? tellingLine(linesOf(job), pattern) : undefined;
  const told = line ?? problem.untold ?? '';
  const system = rule?.system == null ? '' : ` (${rule.system})`;
  return {
    class: cls ?? problem.class,
    reason: `${joined(problem.reason, told)}${system}`,
    job: {
      signature: signature(joined(problem.alike ?? problem.reason, line ?? ''), ...job.names),
      node: job.node,
      suspect: cls === undefined && problem.suspect === true,
    },
  };
}

/** That a command was killed is known without a shell's word for it. */
function linesOf({ lines, signal }: FailedJob): readonly string[] {
  return signal === null ? lines : withoutShellWords(lines);
}

const joined = (what: string, why: string) => (why === '' ? what : `${what}: ${why}`);

function matches(rule: FailureRule, { end, exitCode, signal, lines }: FailedJob): boolean {
  if (rule.exitCode !== null && rule.exitCode !== exitCode) return false;
  if (rule.signal !== null && rule.signal !== signal && rule.signal !== end?.signal) return false;
  if (rule.batchState !== null && rule.batchState !== end?.batchState) return false;
  return rule.log === null || matchesALine(rule.log, lines.join('\n'));
}

/** Batch states that are a limit's doing, and those that are the node's. */
const LIMIT_STATES = new Set(['walltime', 'memory', 'cpuTime', 'scratch']);
const NODE_STATES = new Set(['node restarted', 'node shutdown', 'node failed', 'supervisor lost']);

function builtInClass({ end, signal }: FailedJob): ErrorClass | undefined {
  const batchState = end?.batchState ?? '';
  if (LIMIT_STATES.has(batchState)) return 'resources';
  if (NODE_STATES.has(batchState)) return 'site';
  if (LIMIT_SIGNALS.has(end?.signal ?? '') || LIMIT_SIGNALS.has(signal ?? '')) return 'resources';
  // Of a command alone that was killed nobody knows whether it asked for too much.
  return OUTSIDE_SIGNALS.has(end?.signal ?? '') ? 'transient' : undefined;
}
