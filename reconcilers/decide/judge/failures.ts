/** What a failure means for trying again. */

import type { ErrorClass, Millis } from '../../../machines/model.ts';
import type { RetrySpec } from '../../../specs/types.ts';
import type { Failure } from '../../model/failure.ts';
import type { Trying } from '../../model/rows.ts';
import { signature } from './signature.ts';

/** How long a shared service that is down is left alone between two probes (design: class `outage`). */
export const OUTAGE_PROBE_MS = 180_000;

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
    signature: failure.job?.signature ?? signature(failure.reason, name),
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
