/** One call to one system of the outside. */
import type { Millis } from '../../machines/model.ts';
import type { PassContext } from '../model/context.ts';
import type { Answer } from '../model/world.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';
import type { Seen } from '../ports/seen.ts';

/** Asking for sizes is quick or hangs; reading every byte of a page takes its time. */
export const STAT_TIMEOUT_MS = 120_000;
export const READ_TIMEOUT_MS = 3_600_000;

/** `Asking` is what questions are asked with. */
export interface Asking {
  readonly ports: SitePorts;
  readonly context: PassContext;
  readonly signal: AbortSignal;
  readonly health: Map<string, string | null>;
}

/** One call to one system: its failure is an answer in which everything is unknown. */
export async function call<K, V>(
  system: string,
  keys: readonly K[],
  timeoutMs: number,
  { context, signal, health }: Asking,
  question: (askedAt: Millis, signal: AbortSignal) => Promise<Seen<K, V>>,
): Promise<Answer<K, V>> {
  const asked = new Set(keys);
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await question(context.now, AbortSignal.any([signal, timeout]));
    health.set(system, answer.complete ? null : (health.get(system) ?? firstReason(answer)));
    return { ...answer, asked };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DriverError) && !timeout.aborted) throw error;
    const why = timeout.aborted
      ? `${system} did not answer within ${timeoutMs / 1000} s`
      : error instanceof Error
        ? error.message
        : String(error);
    health.set(system, why);
    const unknown = new Map(keys.map((key) => [key, why]));
    return { asked, askedAt: context.now, complete: false, found: new Map(), unknown };
  }
}

function firstReason(answer: Seen<unknown, unknown>): string | null {
  const [reason] = answer.unknown.values();
  return reason ?? 'its answer was cut short';
}
