import type { FileState, Millis, OutputState, Phase } from '../../machines/model.ts';
import type { PassContext } from './context.ts';

/** Which rows a phase looks at. The database selects by these words; it decides nothing. */
export interface PageScope {
  readonly phase: Phase;
  /** `submissions`: those that are over and in no archive yet. `archives`: those begun and not recorded yet. */
  readonly subject: 'inputs' | 'outputs' | 'submissions' | 'archives';
  readonly states: readonly (FileState | OutputState)[];
  /** Of those in error (or in trouble): only with this phase at fault and due by then. */
  readonly errorPhases: readonly Phase[];
  readonly dueMs: Millis;
  /** Outputs: also exported ones whose trouble only a person ends, to see whether it is over. */
  readonly stopped: boolean;
  /** Inputs: also those done under another revision. */
  readonly outdated: string | null;
  /** Outputs: only those of these keys. */
  readonly keys: readonly string[];
  /** Inputs: load their outputs as well. */
  readonly withOutputs: boolean;
  readonly pageSize: number;
  /**
   * Inputs: of this state only the first so many, and those with a live attempt:
   * more could not be worked on anyway. `waiting`: so many more of those with an open
   * problem of the kinds `WAITING_PROBLEMS`, which take nobody else's turn.
   */
  readonly some: { readonly state: FileState; readonly atMost: number; readonly waiting: number } | null;
  /** Inputs: only those whose raw copy in this store is a replica of a file elsewhere; null: all. */
  readonly replicasIn: string | null;
  /**
   * Only those in which the bytes of outputs in these states are due to be looked at, one
   * page of them; null: whether or not.
   */
  readonly scrub: {
    /** How long after the last look. */
    readonly everyMs: Millis;
    /** The day whose bytes count. */
    readonly day: number;
    /** So many outputs, those that wait longest. */
    readonly atMost: number;
    /** Also outputs that were never looked at; else those with a row in the table of scrubs. */
    readonly all: boolean;
  } | null;
  /** Load the live attempts of this phase. */
  readonly attemptsOf: Phase;
}

/** At most so many rows a page (design: "Pages"). */
export const PAGE_SIZE = 10_000;

/** Pages whose files are read byte by byte are short, so that what was learnt is soon written. */
export const READING_PAGE_SIZE = 200;

/** A scope with the usual answers filled in. */
export function scopeOf(
  phase: Phase,
  { now }: Pick<PassContext, 'now'>,
  given: Partial<PageScope> & Pick<PageScope, 'subject'>,
): PageScope {
  return {
    phase,
    states: [],
    errorPhases: [],
    dueMs: now,
    stopped: false,
    outdated: null,
    keys: [],
    withOutputs: false,
    pageSize: PAGE_SIZE,
    some: null,
    replicasIn: null,
    scrub: null,
    attemptsOf: phase,
    ...given,
  };
}
