/** Rows that a dry run makes up: what would be recorded first. */
import { NO_TROUBLE } from '../decide/judge/failures.ts';
import { NEW_REQUEST } from '../model/names.ts';
import type { Member } from '../model/records.ts';
import { type DatasetRow, EMPTY_PAGE, type InputRow, type Page } from '../model/rows.ts';
import type { ByteTotals, Totals } from '../model/totals.ts';

/** A dataset as it would be recorded. */
export function newDataset(id: number, loaded: DatasetRow['loaded']): DatasetRow {
  return {
    id,
    name: loaded.spec.name,
    requestId: loaded.spec.requestId ?? NEW_REQUEST,
    generation: 1,
    loaded,
    orphanedMs: null,
    releasedMs: null,
    holds: [],
    membersMs: null,
    membersInput: null,
    membersKept: null,
    arrivingSinceMs: null,
  };
}

/** An input as it would be recorded. @param index its place among the new ones; its number is no real one's */
export function newInput(member: Member, index: number): InputRow {
  return {
    id: -1 - index,
    name: member.name,
    run: member.run,
    sizeBytes: member.sizeBytes,
    eventCount: member.eventCount,
    checksum: member.checksum,
    seenChecksum: null,
    sourceStore: member.sourceStore,
    sourcePath: member.sourcePath,
    retiredMs: null,
    state: 'pending',
    phase: null,
    fault: null,
    sinceMs: 0,
    attempt: 0,
    ...NO_TROUBLE,
    actedMs: 0,
    revision: null,
    acceptedAttempt: null,
    waiverId: null,
    failedNodes: null,
    suspect: false,
    copyPath: null,
  };
}

/** A page of new inputs, on which nobody has worked. */
export function pageOf(inputs: readonly InputRow[]): Page {
  return { ...EMPTY_PAGE, inputs, lastId: inputs.at(-1)?.id ?? 0 };
}

const NO_INPUTS: Totals['inputs'] = {
  pending: 0,
  transferred: 0,
  verified: 0,
  running: 0,
  done: 0,
  error: 0,
  copied: 0,
};

/** The totals of a dataset without files. */
export const NO_TOTALS: Totals = {
  inputs: NO_INPUTS,
  stopped: 0,
  waived: 0,
  failing: 0,
  outdated: 0,
  retrying: {},
  blocked: 0,
  outputs: {},
  outputsStopped: 0,
  openRuns: new Set(),
  unreleased: 0,
  liveJobs: 0,
  liveTransfers: 0,
  silent: { jobs: 0, transfers: 0 },
  unarchived: 0,
  unsettling: 0,
  foreign: null,
  arriving: { files: 0, example: null },
  gates: {},
  trouble: { outage: null, alike: [] },
};

/** The sums of bytes of a dataset without files. */
export const NO_BYTES: ByteTotals = {
  inputs: NO_INPUTS,
  arriving: 0,
  leaving: {},
  unexported: {},
  ratios: {},
};
