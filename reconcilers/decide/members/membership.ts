import type { Millis } from '../../../machines/model.ts';
import { agreeing, counted } from '../../model/counted.ts';
import { holdBy } from '../../model/holds.ts';
import type { MembersAnswered, MembersAsked, MembersSummary, MembersVerdict } from '../../model/members.ts';
import type { DatasetRow } from '../../model/rows.ts';

/** Losing more members than this share of those known holds the dataset (specs: `input.refresh`). */
const MOST_GONE_SHARE = 0.01;

/**
 * Whether an answer about members is believed.
 *
 * A definition that was edited by mistake, or a catalog that lost half its
 * index, must not retire a campaign's files. A person who means it says so by
 * changing the spec: the first answer to another input is believed. One who ends the
 * hold lets the dataset go on with the members it has, until the doubt is another one.
 */
export function believeMembers(summary: MembersSummary, asked: MembersAnswered): MembersVerdict {
  const doubt = doubtAbout(summary, asked);
  if (doubt === undefined) return 'apply';
  return doubt === asked.kept ? { keep: doubt } : { hold: doubt };
}

/** Why an answer is not believed. */
function doubtAbout(summary: MembersSummary, asked: MembersAnswered): string | undefined {
  if (summary.answered === 0 && summary.arriving === 0 && !(asked.onlyGrows && summary.known > 0)) {
    return asked.runless ?? 'the input names no files at all; check spec.input and what it asks';
  }
  if (summary.twice !== null) {
    return `the input names several files ${summary.twice}; a dataset has each name once: rename them, or ask for fewer`;
  }
  if (!asked.inputIsNew && !asked.onlyGrows && summary.gone > summary.known * MOST_GONE_SHARE) {
    return `${summary.gone} of ${counted(summary.known, 'file')} ${agreeing(summary.gone, 'has', 'have')} left the input (over 1 %); if that is right, commit a change of spec.input`;
  }
  return undefined;
}

/** How long a held dataset waits before its members are asked for once more. */
const HELD_AGAIN_MS = 60_000;

/**
 * Whether it is time to ask for the members.
 *
 * A definition or query is a snapshot, asked for anew only by `refresh` or when
 * the input changes. A folder or manifest lies beside the spec: it is read at
 * every look at everything.
 */
export function membersAreDue(dataset: DatasetRow, resync: boolean, now: Millis): boolean {
  const { membersMs, membersInput, arrivingSinceMs, loaded } = dataset;
  if (dataset.orphanedMs !== null) return false;
  if (membersMs === null || membersInput !== loaded.inputDigest) return true;
  const isDoubted = holdBy(dataset, 'held.members') !== undefined || dataset.membersKept !== null;
  if (isDoubted && now - membersMs >= HELD_AGAIN_MS) return true;
  const { refreshSeconds, settleForSeconds, source } = loaded.spec.input;
  if (arrivingSinceMs !== null && now - arrivingSinceMs >= settleForSeconds * 1000) return true;
  if (resync && (source.kind === 'files' || source.kind === 'manifest')) return true;
  return refreshSeconds !== null && now - membersMs >= refreshSeconds * 1000;
}

/**
 * Whether what the catalog says of members on record is asked for, at a look at everything:
 * a snapshot keeps its members, but a wrong place of theirs may be put right. Nothing is asked
 * for an orphan, for which nothing is begun.
 */
export function sourcesMayMove(dataset: DatasetRow): boolean {
  const { kind } = dataset.loaded.spec.input.source;
  if (dataset.orphanedMs !== null || holdBy(dataset, 'held.members') !== undefined) return false;
  return kind === 'definition' || kind === 'query';
}

/** How the members of a dataset are asked for. */
export function membersAsked({ membersInput, membersKept, loaded }: DatasetRow): MembersAsked {
  const inputIsNew = membersInput !== loaded.inputDigest;
  const onlyGrows = !inputIsNew && loaded.spec.input.source.kind === 'files';
  return { inputIsNew, onlyGrows, kept: membersKept };
}
