/** Taking the steps of a page under its lease, and committing what came of them every few seconds. */

import type { FailedForGood } from '../decide/change/failures-for-good.ts';
import { InternalError } from '../model/internal-error.ts';
import type { Lease, Records } from '../model/records.ts';
import type { InputRow, Page, Transition } from '../model/rows.ts';
import type { TakenStep } from '../model/steps.ts';
import type { SitePorts } from '../ports/ports.ts';
import { apply } from './apply.ts';
import type { Clock } from './clock.ts';
import { inTime, type Pace } from './in-time.ts';
import { type Begun, type PageInMotion, record } from './record.ts';

/** What is known of a step is not kept back for longer: a program that is killed loses no more than that. */
export const COMMIT_EVERY_MS = 3_000;

/** What steps are taken with. */
export interface TakingAround {
  readonly records: Pick<Records, 'now' | 'renew' | 'write'>;
  readonly ports: SitePorts;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** What the steps of a page came to. */
export interface StepsTaken {
  readonly taken: readonly TakenStep[];
  readonly moves: readonly Transition[];
  readonly failed: readonly FailedForGood[];
}

/**
 * `takeSteps` takes the steps of a page and commits their outcomes.
 *
 * @throws LeaseLost when somebody else took over; the steps left are not taken
 */
export async function takeSteps(
  lease: Lease,
  begun: PageInMotion & Pick<Begun, 'steps'>,
  around: TakingAround,
): Promise<StepsTaken> {
  const { records, ports, signal } = around;
  const taken: TakenStep[] = [];
  const moves: Transition[] = [];
  const failed: FailedForGood[] = [];
  const taking = { ports, context: begun.context, input: inputsOf(begun.page), signal };
  let now: PageInMotion = begun;
  for await (const some of inTime(apply(begun.steps, taking), paceUnder(lease, around))) {
    const recorded = await record(records, lease, now, some);
    now = recorded.now;
    taken.push(...some);
    moves.push(...recorded.moves);
    failed.push(...recorded.failed);
  }
  return { taken, moves, failed };
}

/** How steps are taken under a lease: it is renewed when a third of its time is over. */
export function paceUnder(lease: Lease, { records, clock }: Pick<TakingAround, 'records' | 'clock'>): Pace {
  let kept = clock.now();
  return {
    clock,
    everyMs: COMMIT_EVERY_MS,
    async keep() {
      if (clock.now() - kept < lease.lastsMs / 3) return;
      await records.renew(lease);
      kept = clock.now();
    },
  };
}

/** The inputs of a page by number. */
export function inputsOf({ inputs }: Pick<Page, 'inputs'>): (id: number) => InputRow {
  const byId = new Map(inputs.map((row) => [row.id, row]));
  return (id) => {
    const row = byId.get(id);
    if (row === undefined) throw new InternalError(`input ${id} is not on the page of its step`);
    return row;
  };
}
