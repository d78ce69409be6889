/** Rows, reports, answers and contexts with defaults, so that a test names only what it is about. */

import type { WantedOutput } from '../reconcilers/decide/wanted/wanted.ts';
import type { PassContext } from '../reconcilers/model/context.ts';
import type {
  AttemptRow,
  DatasetRow,
  InputRow,
  JobRow,
  OutputRow,
  SubmissionRow,
  Trying,
} from '../reconcilers/model/rows.ts';
import type { Totals } from '../reconcilers/model/totals.ts';
import type { Answer } from '../reconcilers/model/world.ts';
import type { JobEnd } from '../reconcilers/ports/batch-system.ts';
import type { ReportedFile, ReportedOutput } from '../reconcilers/ports/spool.ts';
import type { DatasetSpec, LoadedDataset } from '../specs/types.ts';
import { anOutputSpec, aSite, aSpec } from './spec-builders.ts';

/** The moment at which tests take place. */
export const NOW = 1_000_000_000;

export function aDataset(spec: Partial<DatasetSpec> = {}, fields: Partial<DatasetRow> = {}): DatasetRow {
  const loaded: LoadedDataset = {
    spec: aSpec(spec),
    site: aSite(),
    origin: { file: '/specs/p17.yaml', line: 1, commit: null, author: null },
    revision: 'a'.repeat(64),
    digest: 'b'.repeat(64),
    inputDigest: 'c'.repeat(16),
    siteIsNamed: true,
  };
  return {
    id: 1,
    name: loaded.spec.name,
    requestId: 4711,
    generation: 1,
    loaded,
    orphanedMs: null,
    releasedMs: null,
    holds: [],
    membersMs: NOW,
    membersInput: 'c'.repeat(16),
    membersKept: null,
    arrivingSinceMs: null,
    ...fields,
  };
}

export function someTotals(fields: Partial<Totals> = {}): Totals {
  return {
    inputs: inputCounts(),
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
    ...fields,
  };
}

/** Counts of inputs by state; those not named are zero. */
export function inputCounts(fields: Partial<Totals['inputs']> = {}): Totals['inputs'] {
  return {
    pending: 0,
    transferred: 0,
    verified: 0,
    running: 0,
    done: 0,
    error: 0,
    copied: 0,
    ...fields,
  };
}

export function aContext(fields: Partial<PassContext> = {}): PassContext {
  return {
    dataset: aDataset(),
    installation: 'abcd1234',
    now: NOW,
    resync: false,
    totals: someTotals(),
    bytes: null,
    traits: {
      batch: {
        ...{ driver: 'local', callTimeoutMs: 1000, absentIsFinal: true, jobsPerSubmission: 1 },
        nodes: { are: 'one', name: 'node1' },
      },
      movers: new Map(),
      proofs: new Map(),
      checksums: new Map(),
    },
    ...fields,
  };
}

export function someTrying(fields: Partial<Trying> = {}): Trying {
  return {
    sinceMs: 0,
    attempt: 1,
    retriesUsed: 0,
    siteRetries: 0,
    class: null,
    signature: null,
    reason: null,
    retryAtMs: null,
    actedMs: 0,
    ...fields,
  };
}

export function anInput(fields: Partial<InputRow> = {}): InputRow {
  return {
    ...someTrying(),
    state: 'running',
    phase: null,
    fault: null,
    id: 1,
    name: 'all_0000176852_001.raw',
    run: 176852,
    sizeBytes: 1000,
    eventCount: 100,
    checksum: null,
    seenChecksum: null,
    sourceStore: 'disk',
    sourcePath: 'raw/all_0000176852_001.raw',
    retiredMs: null,
    revision: null,
    acceptedAttempt: null,
    waiverId: null,
    failedNodes: null,
    suspect: false,
    copyPath: 'raw/all_0000176852_001.raw',
    ...fields,
  };
}

export function anOutput(fields: Partial<OutputRow> = {}): OutputRow {
  return {
    ...someTrying({ attempt: 0 }),
    id: 2,
    inputId: 1,
    key: 'tmb',
    name: 'all_0000176852_001.tmb',
    dataTier: 'thumbnail',
    run: 176852,
    sizeBytes: 500,
    eventCount: 100,
    checksum: 'adler32:00000001',
    revision: 'a'.repeat(64),
    attemptId: 11,
    store: 'disk',
    path: 'tmb/all_0000176852_001.tmb',
    attemptPath: '.rereco/attempts/r4711-abcd1234-1/all_0000176852_001.tmb',
    metadata: {},
    state: 'promoted',
    phase: null,
    farPath: null,
    farStore: null,
    ...fields,
  };
}

export function anAttempt(fields: Partial<AttemptRow> = {}): AttemptRow {
  return {
    id: 11,
    fileId: 1,
    phase: 'process',
    number: 1,
    revision: 'a'.repeat(64),
    submissionId: 21,
    jobIndex: 0,
    path: null,
    openedMs: 0,
    ...fields,
  };
}

export function aSubmission(fields: Partial<SubmissionRow> = {}): SubmissionRow {
  return {
    id: 21,
    name: 'r4711-abcd1234-1',
    phase: 'process',
    generation: 1,
    site: 'here',
    driver: 'local',
    endpoint: null,
    state: 'accepted',
    systemId: '1',
    intendedMs: 0,
    acceptedMs: 0,
    ...fields,
  };
}

export function aJob(fields: Partial<JobRow> = {}): JobRow {
  return {
    submissionId: 21,
    index: 0,
    type: 'd0reco',
    status: 'running',
    refSubmissionId: null,
    refIndex: null,
    refKind: null,
    sinceMs: 0,
    exitCode: null,
    signal: null,
    batchState: null,
    stuck: null,
    node: null,
    processor: null,
    cpuMs: null,
    wallMs: null,
    peakMemoryBytes: null,
    absentMs: null,
    absentSeen: 0,
    silentMs: null,
    silentTold: false,
    ...fields,
  };
}

export function aJobEnd(fields: Partial<JobEnd> = {}): JobEnd {
  return {
    state: 'ended',
    exitCode: 0,
    signal: null,
    batchState: null,
    node: 'wn1',
    cpuMs: 1000,
    wallMs: 2000,
    peakMemoryBytes: null,
    ...fields,
  };
}

export function aReportedOutput(fields: Partial<ReportedOutput> = {}): ReportedOutput {
  return {
    key: 'dst',
    name: 'all_0000176852_001.dst',
    sizeBytes: 500,
    checksum: null,
    eventsWritten: 100,
    metadata: null,
    ...fields,
  };
}

export function aReportedFile(fields: Partial<ReportedFile> = {}): ReportedFile {
  return {
    file: 'all_0000176852_001.raw',
    failedAt: null,
    message: null,
    exitCode: 0,
    eventsRead: 100,
    skipped: [],
    outputs: [aReportedOutput()],
    cpuMs: 900,
    startedMs: null,
    endedMs: null,
    ...fields,
  };
}

export function aWantedOutput(fields: Partial<WantedOutput> = {}): WantedOutput {
  return {
    spec: anOutputSpec(),
    name: 'all_0000176852_001.dst',
    path: 'dst/all_0000176852_001.dst',
    metadataName: null,
    ...fields,
  };
}

/** A complete answer, asked now, that found nothing. */
export function anAnswer<K, V>(asked: readonly K[], fields: Partial<Answer<K, V>> = {}): Answer<K, V> {
  return {
    askedAt: NOW,
    complete: true,
    asked: new Set(asked),
    found: new Map(),
    unknown: new Map(),
    ...fields,
  };
}
