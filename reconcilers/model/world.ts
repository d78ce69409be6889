/** What a pass asked of the outside and what it was told, as data. */
import type { Millis, StorePath, SubmissionName } from '../../machines/model.ts';
import type { SubmissionSeen } from '../ports/batch-system.ts';
import type { CatalogFile } from '../ports/catalog.ts';
import type { TransferSeen } from '../ports/mover.ts';
import type { Seen } from '../ports/seen.ts';
import type { JobKey, JobTraces } from '../ports/spool.ts';
import type { Place, StatDepth, StoredFile } from '../ports/store.ts';
import { type Holders, NOBODY } from './holders.ts';

/** Questions of one round; later rounds may depend on the answers to earlier ones. */
export interface Questions {
  readonly stats?: readonly { readonly store: string; readonly path: StorePath; readonly depth: StatDepth }[];
  readonly jobs?: readonly SubmissionName[];
  readonly transfers?: readonly { readonly endpoint: string; readonly name: SubmissionName }[];
  readonly traces?: readonly JobKey[];
  readonly described?: readonly string[];
  /** Stores, and the spool, whose free space is to be known. */
  readonly free?: readonly string[];
  /** Files whose events are to be counted as the spec says. */
  readonly counts?: readonly { readonly store: string; readonly path: StorePath }[];
  /** Paths of which it is asked where they lie. */
  readonly places?: readonly { readonly store: string; readonly path: StorePath }[];
}

/** `Round` asks its questions, given the answers so far. */
export type Round = (seen: World) => Questions;

/** An answer together with what was asked: a thing nobody asked about is not absent. */
export interface Answer<K, V> extends Seen<K, V> {
  readonly asked: ReadonlySet<K>;
}

/** Every answer of a page. What was not asked is unknown. */
export interface World {
  readonly stats: ReadonlyMap<string, readonly Answer<StorePath, StoredFile>[]>;
  readonly jobs: readonly Answer<SubmissionName, SubmissionSeen>[];
  readonly transfers: ReadonlyMap<string, readonly Answer<SubmissionName, TransferSeen>[]>;
  readonly traces: readonly Answer<JobKey, JobTraces>[];
  readonly described: readonly Answer<string, CatalogFile>[];
  readonly counts: ReadonlyMap<string, readonly Answer<StorePath, number>[]>;
  /** By store, or the spool's name; null: it cannot tell. */
  readonly free: readonly Answer<string, number | null>[];
  readonly places: ReadonlyMap<string, readonly Answer<StorePath, Place>[]>;
  /** Whose those places are, as our own records have it. */
  readonly holders: Holders;
}

/** `NOTHING_SEEN` is the outside before anything was asked: all of it is unknown. */
export const NOTHING_SEEN: World = {
  stats: new Map(),
  jobs: [],
  transfers: new Map(),
  traces: [],
  described: [],
  counts: new Map(),
  free: [],
  places: new Map(),
  holders: NOBODY,
};

/** One thing as it was seen. `absent`: the system answered no. `unknown`: it did not answer. */
export type Observed<T> =
  | { readonly is: 'present'; readonly value: T }
  | { readonly is: 'absent' }
  | { readonly is: 'unknown'; readonly why: string };

/**
 * Look one thing up in the answers that asked for it.
 *
 * The latest answer that says anything counts. An answer to a question asked
 * before the last step on the thing says nothing of it (law 1).
 *
 * @param actedMs  when the last step on the thing was taken
 */
export function look<K, V>(
  answers: readonly Answer<K, V>[] | undefined,
  key: K,
  actedMs: Millis,
): Observed<V> {
  let why = 'not asked in this pass';
  for (const answer of [...(answers ?? [])].reverse()) {
    if (!answer.asked.has(key)) continue;
    if (answer.askedAt < actedMs) {
      why = 'asked before the last step on it';
      continue;
    }
    const value = answer.found.get(key);
    if (value !== undefined) return { is: 'present', value };
    const reason = answer.unknown.get(key);
    if (reason === undefined && answer.complete) return { is: 'absent' };
    why = reason ?? 'the answer was cut short';
  }
  return { is: 'unknown', why };
}
