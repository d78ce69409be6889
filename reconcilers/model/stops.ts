/**
 * Why a file is left where it is for now: a closed list of codes, so that a million waiting
 * files can be counted by what holds them, and each of them knows who must act.
 */
import type { Millis } from '../../machines/model.ts';

/**
 * In strict order: where several things stop a file, the first tier is named. `unseen` is last,
 * since what was not looked at may still turn out to be stopped by any of the others.
 */
export const STOP_TIERS = [
  'person',
  'spec',
  'misconfigured',
  'held',
  'system',
  'upstream',
  'limit',
  'inProgress',
  'unseen',
] as const;

export type StopTier = (typeof STOP_TIERS)[number];

interface StopKind {
  readonly tier: StopTier;
  /** What ends it: a person's act, time alone, or a change of the spec. */
  readonly endsBy: 'person' | 'time' | 'spec';
  /** Who must act, in a few words for people; null: nobody. */
  readonly who: string | null;
}

const PERSON = { endsBy: 'person' } as const;
const TIME = { endsBy: 'time', who: null } as const;
const SPEC = { endsBy: 'spec', who: 'whoever writes the spec' } as const;

/** Every code there is. A code is never given another meaning: monitors count by them. */
export const STOPS = {
  'suspended.byPerson': { tier: 'person', ...PERSON, who: 'whoever suspended it' },
  'marker.foreign': { tier: 'person', ...PERSON, who: 'whoever knows whose the place is: rereco db adopt' },
  'failed.forGood': { tier: 'person', ...PERSON, who: 'you: rereco errors, then rereco clean' },
  waived: { tier: 'person', ...PERSON, who: 'you, if it can be processed after all: rereco resubmit' },
  'place.taken': { tier: 'person', ...PERSON, who: 'whoever writes the spec of one of the two' },
  'place.kept': { tier: 'person', ...PERSON, who: 'whoever owns the other file' },
  'name.taken': { tier: 'person', ...PERSON, who: 'whoever may put away what lies there' },
  'copy.doubtful': { tier: 'person', ...PERSON, who: 'whoever looks after the store' },
  'source.moved': { tier: 'person', ...PERSON, who: 'whoever looks after the source' },
  'work.silent': { tier: 'person', ...PERSON, who: 'you: rereco errors, then rereco settle' },
  'problem.open': { tier: 'person', ...PERSON, who: 'you: rereco errors' },
  orphaned: { tier: 'spec', ...SPEC },
  'suspended.inSpec': { tier: 'spec', ...SPEC },
  retired: { tier: 'spec', ...SPEC },
  'run.unknown': { tier: 'spec', ...SPEC },
  'events.unknown': { tier: 'spec', ...SPEC },
  'mover.missing': { tier: 'misconfigured', ...SPEC },
  'store.missing': { tier: 'misconfigured', ...SPEC },
  'name.refused': { tier: 'misconfigured', ...SPEC },
  'order.rejected': { tier: 'misconfigured', ...SPEC },
  'held.members': { tier: 'held', ...PERSON, who: 'whoever writes the spec' },
  'held.software': { tier: 'held', ...PERSON, who: 'whoever looks after the software' },
  'held.failures': { tier: 'held', ...PERSON, who: 'you: rereco errors, then rereco clean' },
  'budget.spent': { tier: 'held', ...TIME },
  'system.full': { tier: 'system', ...TIME },
  'system.silent': { tier: 'system', ...TIME },
  'outage.pause': { tier: 'system', ...TIME },
  'delivery.awaited': { tier: 'upstream', ...PERSON, who: 'whoever delivers the file' },
  'file.notDone': { tier: 'upstream', ...TIME },
  'run.notDone': { tier: 'upstream', ...TIME },
  'dataset.notDone': { tier: 'upstream', ...TIME },
  'declaration.first': { tier: 'upstream', ...TIME },
  'outputs.notDone': { tier: 'upstream', ...TIME },
  'jobs.limit': { tier: 'limit', ...TIME },
  'transfers.limit': { tier: 'limit', ...TIME },
  'space.limit': { tier: 'limit', ...TIME },
  'retry.notDue': { tier: 'inProgress', ...TIME },
  'transfer.underWay': { tier: 'inProgress', ...TIME },
  'job.underWay': { tier: 'inProgress', ...TIME },
  'arrival.settling': { tier: 'inProgress', ...TIME },
  'bytes.unread': { tier: 'inProgress', ...TIME },
  'tar.filling': { tier: 'inProgress', ...TIME },
  'not.looked': { tier: 'unseen', ...TIME },
} as const satisfies Readonly<Record<string, StopKind>>;

export type StopCode = keyof typeof STOPS;

/** One reason why no new work is begun. */
export interface Stop {
  readonly code: StopCode;
  /** A clause for people, without a capital and a full stop. */
  readonly text: string;
  /** Since when it is so; null: nobody knows, or it is decided anew in each pass. */
  readonly since: Millis | null;
  /** What an outside system gave as its own reason; missing where it gave none. */
  readonly quote?: Quote;
}

/** The words of an outside system, which nobody here vouches for. */
export interface Quote {
  readonly system: string;
  readonly said: string;
  readonly askedMs: Millis;
}

/** Make a stop. @param since  where it is known since when it is so */
export function stop(code: StopCode, text: string, since: Millis | null = null): Stop {
  return { code, text, since };
}

/** What is known of every stop of a code. */
export function kindOf({ code }: Pick<Stop, 'code'>): StopKind {
  return STOPS[code];
}

/** The stop that is named where there are several: of the first tier, and there the first in the list. */
export function firstStop<S extends Pick<Stop, 'code'>>(stops: readonly S[]): S | undefined {
  return stops.reduce<S | undefined>(
    (first, one) => (first === undefined || tierRank(one) < tierRank(first) ? one : first),
    undefined,
  );
}

/** Where the tier of a stop stands in their order. */
export function tierRank({ code }: Pick<Stop, 'code'>): number {
  return STOP_TIERS.indexOf(STOPS[code].tier);
}
