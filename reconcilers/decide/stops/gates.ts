/**
 * What keeps a whole phase from beginning new work, and what opens it again:
 * systems that said no, a shared service that is down, software that fails
 * everywhere alike, too many failures. What is in motion is followed all the same.
 */

import type { Phase } from '../../../machines/model.ts';
import type { GateChange, ProblemChange } from '../../model/change.ts';
import type { PassContext } from '../../model/context.ts';
import { counted } from '../../model/counted.ts';
import { type HoldFound, holdBy, resumeCommand } from '../../model/holds.ts';
import type { InputRow } from '../../model/rows.ts';
import { type Stop, stop } from '../../model/stops.ts';
import type { Gate } from '../../model/totals.ts';
import { OUTAGE_PROBE_MS } from '../judge/failures.ts';
import { heldAlike } from './alike.ts';

type Standing = Pick<PassContext, 'dataset' | 'totals' | 'now'>;

/** First and longest wait after a no: a full system empties by itself, a wrong order is put right by a person. */
const WAITS_MS: Readonly<Record<Gate['kind'], { readonly first: number; readonly longest: number }>> = {
  refused: { first: 15_000, longest: 600_000 },
  rejected: { first: 300_000, longest: 3_600_000 },
};

/** The gate after one more no; its waits double. @param before  the gate as it was; undefined where it was open */
export function afterNo(
  before: Gate | undefined,
  said: Pick<Gate, 'kind' | 'message' | 'generation'>,
  now: number,
): Gate {
  const again = before?.kind === said.kind && before.generation === said.generation;
  const tries = again ? before.tries + 1 : 1;
  const { first, longest } = WAITS_MS[said.kind];
  const wait = Math.min(longest, first * 2 ** (tries - 1));
  return { ...said, tries, sinceMs: again ? before.sinceMs : now, retryAtMs: now + wait };
}

/** A closed gate is a problem that people are told of; an open one is none. */
export function gateProblem({ phase, gate }: GateChange): ProblemChange {
  const told =
    gate && ({ class: gate.kind === 'refused' ? 'outage' : 'software', message: gate.message } as const);
  return { kind: `${phase}: new work is not taken`, fileId: null, problem: told };
}

/** Why nothing is handed to a phase's system just now; undefined where it may be asked. */
export function gateStop({ dataset, totals, now }: Standing, phase: Phase): Stop | undefined {
  const gate = totals.gates[phase];
  if (gate === undefined || gate.retryAtMs <= now) return undefined;
  if (gate.kind === 'rejected' && gate.generation !== dataset.generation) return undefined;
  const again = `asked again in ${Math.ceil((gate.retryAtMs - now) / 1000)} s`;
  const after = gate.kind === 'rejected' ? `${again}, or when the spec changes` : again;
  const code = gate.kind === 'rejected' ? 'order.rejected' : 'system.full';
  return stop(code, `${gate.message} (${after})`, gate.sinceMs);
}

type Totalled = Pick<PassContext, 'dataset' | 'totals'>;

/** Software that fails everywhere alike gets no more files until a person has put it right. */
export function softwareHold(standing: Totalled): Stop | undefined {
  return heldStop(standing, 'held.software', 'put that right, then `rereco clean`');
}

/**
 * A dataset most of whose files fail is not fed more of them (specs: limits.maxFailedShare).
 *
 * Files that are tried again count until they are: the share may fall by itself.
 */
export function failureHold(standing: Totalled): Stop | undefined {
  return heldStop(standing, 'held.failures', 'see `rereco errors`, then `rereco clean`');
}

type FailureCode = 'held.software' | 'held.failures';

/** What is wrong, for each hold that follows from failures; undefined where it does not hold. */
const WRONG: Readonly<Record<FailureCode, (standing: Totalled) => string | undefined>> = {
  'held.software': alikeFailures,
  'held.failures': tooManyFailures,
};

function heldStop(standing: Totalled, code: FailureCode, todo: string): Stop | undefined {
  const wrong = WRONG[code](standing);
  if (wrong === undefined) return undefined;
  const { name } = standing.dataset;
  const resume = resumeCommand({ scope: 'dataset', of: name, name: '' });
  const text = `held: ${wrong}; ${todo}, or \`${resume}\` to go on all the same`;
  return stop(code, text, holdBy(standing.dataset, code)?.sinceMs);
}

function alikeFailures({ totals }: Totalled): string | undefined {
  const alike = heldAlike(totals);
  if (alike === undefined) return undefined;
  const nodes = alike.onNodes > 1 ? ` on ${counted(alike.onNodes, 'node')}` : '';
  const what = alike.suspect ? counted(alike.tries, 'job') : counted(alike.files, 'file');
  return `${what} failed alike${nodes} (${alike.signature})`;
}

const PPM = 1_000_000;

/** Fewer failures than this say nothing of a share. */
const FAILURES_TO_JUDGE_BY = 5;

function tooManyFailures({ dataset, totals }: Totalled): string | undefined {
  const failed = totals.failing;
  const ended = failed + totals.inputs.done + totals.inputs.copied;
  const most = dataset.loaded.spec.limits.maxFailedSharePpm;
  if (failed < FAILURES_TO_JUDGE_BY || failed * PPM <= most * ended) return undefined;
  return `${failed} of ${counted(ended, 'file')} failed, more than limits.maxFailedShare (${most / 10_000} %)`;
}

/**
 * What the rules of failures find of their holds where that is not on record yet: one that bites
 * and has no row, and one with a row whose cause is gone.
 */
export function holdsFound(standing: Totalled): readonly HoldFound[] {
  return (['held.software', 'held.failures'] as const).flatMap((code): readonly HoldFound[] => {
    const wrong = WRONG[code](standing);
    const isHeld = holdBy(standing.dataset, code) !== undefined;
    return isHeld === (wrong !== undefined) ? [] : [{ code, reason: wrong ?? null }];
  });
}

/** Why jobs wait for a shared service that is down; undefined while none is. */
export function outagePause({ totals }: PassContext): Stop | undefined {
  const { outage } = totals.trouble;
  if (outage === null || outage.over) return undefined;
  return stop(
    'outage.pause',
    `paused while a shared service is down, tried by one file every few minutes: ${outage.reason}`,
  );
}

/**
 * Which files in error may try a job again once their time has come.
 *
 * Of those that met an outage only one at a time, a while after the last failure;
 * of those that failed everywhere alike none, until they are cleaned.
 */
export function mayTryAgain({ totals, now }: PassContext): (input: InputRow) => boolean {
  const { outage } = totals.trouble;
  const alike = heldAlike(totals);
  let probes = Number.POSITIVE_INFINITY;
  if (outage !== null && !outage.over) {
    probes = outage.probing === 0 && now - outage.lastMs >= OUTAGE_PROBE_MS ? 1 : 0;
  }
  return (input) => {
    if (input.signature !== null && input.signature === alike?.signature) return false;
    if (input.class !== 'outage') return true;
    probes -= 1;
    return probes >= 0;
  };
}
