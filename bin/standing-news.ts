/** What is new about where datasets stand, for a log that is read for months: each thing once. */
import type { Stood } from '../reconcilers/decide/stood.ts';
import type { StopCode } from '../reconcilers/model/stops.ts';

/** One line of news about a dataset. `error`: a person must act. */
export interface StandingNews {
  readonly level: 'info' | 'error';
  readonly kind: 'settled' | 'held' | 'stuck' | 'suspended';
  /** The code of the stop; null: it is settled. */
  readonly code: StopCode | null;
  /** Without the dataset's name. */
  readonly text: string;
}

/** What was told of a dataset last. */
export interface StandingTold {
  readonly ms: number;
  /** It has been settled since it last moved. */
  readonly settled: boolean;
  /** What stopped it when that was told last, without its numbers; null where nothing did since it was settled. */
  readonly stopped: string | null;
}

/**
 * `standingNews` compares where a dataset stands with what was told of it last.
 *
 * It is told to be settled each time it has come to rest again; a hold, or being stuck, is told
 * when it begins or has another reason, and not again while files move in between.
 *
 * @param before  undefined where nothing was told yet
 */
export function standingNews(
  before: StandingTold | undefined,
  stood: Stood,
): { readonly news: StandingNews | null; readonly told: StandingTold } {
  const last = before ?? { ms: 0, settled: false, stopped: null };
  // The lanes of a dataset do not report in the order in which they looked.
  if (stood.ms < last.ms) return { news: null, told: last };
  const { ms, rest } = stood;
  const stopped = stopOf(stood);
  if (stopped !== null) {
    const key = `${stopped.kind} ${stopped.text.replace(/\d+/g, '…')}`;
    return { news: key === last.stopped ? null : stopped, told: { ms, settled: false, stopped: key } };
  }
  if (rest.is !== 'settled') return { news: null, told: { ms, settled: false, stopped: last.stopped } };
  const news = {
    level: 'info',
    kind: 'settled',
    code: null,
    text: 'settled: every file is at its goal',
  } as const;
  return { news: last.settled ? null : news, told: { ms, settled: true, stopped: null } };
}

function stopOf({ rest, stop }: Stood): StandingNews | null {
  if (stop !== null) {
    const { code, text } = stop;
    const isAsked = code.startsWith('suspended.');
    return { level: isAsked ? 'info' : 'error', kind: isAsked ? 'suspended' : 'held', code, text };
  }
  if (rest.is !== 'stuck') return null;
  const { code, because } = rest;
  return { level: 'error', kind: 'stuck', code, text: `stuck: ${because}` };
}
