/** Why something failed, and what that means for trying again. */

import type { ErrorClass, Millis } from '../../../machines/model.ts';
import { matchesALine } from '../../../specs/posix-pattern.ts';
import type { FailureRule, RetrySpec } from '../../../specs/types.ts';
import type { Failure } from '../../model/failure.ts';
import type { Trying } from '../../model/rows.ts';
import type { JobEnd } from '../../ports/batch-system.ts';

/** How long a shared service that is down is left alone between two probes (design: class `outage`). */
export const OUTAGE_PROBE_MS = 180_000;

/** What of a failed job the rules may read. */
export interface FailedJob {
  readonly end: JobEnd | null;
  readonly exitCode: number | null;
  readonly logTail: string;
  /** What is known to have gone wrong, where rules do not say more. */
  readonly otherwise: Failure;
}

/**
 * The class of a failed job: the spec's rules first, then the built-in ones,
 * first match wins.
 */
export function classify(job: FailedJob, rules: readonly FailureRule[]): Failure {
  const rule = rules.find((one) => matches(one, job));
  if (rule !== undefined) {
    const system = rule.system === null ? '' : ` (${rule.system})`;
    return { class: rule.class, reason: `${job.otherwise.reason}${system}` };
  }
  const builtIn = builtInClass(job.end);
  return builtIn === undefined ? job.otherwise : { ...job.otherwise, class: builtIn };
}

function matches(rule: FailureRule, { end, exitCode, logTail }: FailedJob): boolean {
  if (rule.exitCode !== null && rule.exitCode !== exitCode) return false;
  if (rule.signal !== null && rule.signal !== end?.signal) return false;
  if (rule.batchState !== null && rule.batchState !== end?.batchState) return false;
  return rule.log === null || matchesALine(rule.log, logTail);
}

/** Batch states that are a limit's doing, and those that are the node's. */
const LIMIT_STATES = new Set(['walltime', 'memory', 'cpuTime', 'scratch']);
const NODE_STATES = new Set(['node restarted', 'node shutdown', 'node failed', 'supervisor lost']);

/** Signals sent to a job from outside rather than raised by its own fault. */
const OUTSIDE_SIGNALS = new Set(['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT']);

function builtInClass(end: JobEnd | null): ErrorClass | undefined {
  if (end === null) return undefined;
  if (end.batchState !== null && LIMIT_STATES.has(end.batchState)) return 'resources';
  if (end.batchState !== null && NODE_STATES.has(end.batchState)) return 'site';
  if (end.signal === 'SIGXCPU' || end.signal === 'SIGXFSZ') return 'resources';
  if (end.signal !== null && OUTSIDE_SIGNALS.has(end.signal)) return 'transient';
  return undefined;
}

/**
 * A failure without its numbers and names, so that alike failures group.
 *
 * `event count 99 of raw_7.lhe` and `event count 98 of raw_8.lhe` are one.
 */
export function signature(reason: string, name: string): string {
  const withoutSums = reason.replace(/\b\w+:[0-9a-f]{8,}\b/g, 'SUM');
  return withoutSums.replaceAll(name, '…').replace(/\d+/g, 'N').slice(0, 200);
}

/** Failures that were not the file's own count no retry, up to this many (design: class `site`). */
const MOST_SITE_RETRIES = 20;

/** Classes a person must end: trying again cannot help. */
const STOPPING: ReadonlySet<ErrorClass> = new Set(['data', 'software']);

/**
 * The columns of trying after a failure.
 *
 * Waits double from the spec's first to its longest. The jitter is a hash of
 * name and attempt, not chance, so that a plan can be repeated.
 */
export function afterFailure(
  trying: Trying,
  failure: Failure,
  { name, retry, now }: { readonly name: string; readonly retry: RetrySpec; readonly now: Millis },
): Omit<Trying, 'sinceMs' | 'attempt' | 'actedMs'> {
  const told = {
    class: failure.class,
    reason: failure.reason,
    signature: signature(failure.reason, name),
  };
  const jitter = 0.75 + (hash(`${name}:${trying.attempt}`) % 1000) / 2000;
  const counts = { retriesUsed: trying.retriesUsed, siteRetries: trying.siteRetries };
  if (STOPPING.has(failure.class)) return { ...told, ...counts, retryAtMs: null };
  if (failure.class === 'outage') {
    return { ...told, ...counts, retryAtMs: now + Math.round(OUTAGE_PROBE_MS * jitter) };
  }
  if (failure.class === 'site' && trying.siteRetries < MOST_SITE_RETRIES) {
    const retryAtMs = now + Math.round(retry.firstSeconds * 1000 * jitter);
    return { ...told, ...counts, siteRetries: trying.siteRetries + 1, retryAtMs };
  }
  const used = trying.retriesUsed + 1;
  const wait = Math.min(retry.longestSeconds, retry.firstSeconds * 2 ** (used - 1)) * 1000;
  return {
    ...told,
    ...counts,
    retriesUsed: used,
    retryAtMs: used >= retry.attempts ? null : now + Math.round(wait * jitter),
  };
}

/** The columns of trying once what failed has gone well. */
export const NO_TROUBLE = {
  retriesUsed: 0,
  siteRetries: 0,
  class: null,
  signature: null,
  reason: null,
  retryAtMs: null,
} as const;

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}
