/** Columns to fields and back: the one place where snake_case meets camelCase. */
import type {
  AttemptRow,
  DatasetRow,
  InputRow,
  JobRow,
  OutputRow,
  SubmissionRow,
} from '../reconcilers/model/rows.ts';
import { HOLDS } from './holds.ts';

const TRYING = {
  sinceMs: 's.since_ms',
  attempt: 's.attempt',
  retriesUsed: 's.retries_used',
  siteRetries: 's.site_retries',
  class: 's.class',
  signature: 's.signature',
  reason: 's.reason',
  retryAtMs: 's.retry_at_ms',
  actedMs: 's.acted_ms',
  state: 's.state',
  phase: 's.phase',
} as const;

const INPUT: Record<keyof InputRow, string> = {
  ...TRYING,
  id: 'd.id',
  name: 'd.name',
  run: 'd.run',
  sizeBytes: 'd.size_bytes',
  eventCount: 'd.event_count',
  checksum: 'd.checksum',
  seenChecksum: 'd.seen_checksum',
  sourceStore: 'd.source_store',
  sourcePath: 'd.source_path',
  fault: 's.fault',
  retiredMs: 's.retired_ms',
  revision: 's.revision',
  acceptedAttempt: 's.accepted_attempt',
  waiverId: 's.waiver_id',
  failedNodes: 's.failed_nodes',
  suspect: 's.suspect',
  copyPath: 's.copy_path',
};

const OUTPUT: Record<keyof OutputRow, string> = {
  ...TRYING,
  id: 'd.id',
  inputId: 'd.parent_id',
  key: 'd.output_key',
  name: 'd.name',
  dataTier: 'd.data_tier',
  run: 'd.run',
  sizeBytes: 'd.size_bytes',
  eventCount: 'd.event_count',
  checksum: 'd.checksum',
  revision: 'd.revision',
  attemptId: 'd.attempt_id',
  store: 'd.store',
  path: 'd.path',
  attemptPath: 'd.attempt_path',
  metadata: 'd.metadata',
  farPath: 's.far_path',
  farStore: 's.far_store',
};

const ATTEMPT: Record<keyof AttemptRow, string> = {
  id: 'a.id',
  fileId: 'a.file_id',
  phase: 'a.phase',
  number: 'a.number',
  revision: 'a.revision',
  submissionId: 'a.submission_id',
  jobIndex: 'a.job_index',
  path: 'a.path',
  openedMs: 'a.opened_ms',
};

const SUBMISSION: Record<keyof SubmissionRow, string> = {
  id: 'b.id',
  name: 'b.name',
  phase: 'b.phase',
  generation: 'b.generation',
  site: 'b.site',
  driver: 'b.driver',
  endpoint: 'b.endpoint',
  state: 'b.state',
  systemId: 'b.system_id',
  intendedMs: 'b.intended_ms',
  acceptedMs: 'b.accepted_ms',
};

const JOB: Record<keyof JobRow, string> = {
  submissionId: 'j.submission_id',
  index: 'j.index',
  type: 'j.type',
  status: 'j.status',
  refSubmissionId: 'j.ref_submission_id',
  refIndex: 'j.ref_index',
  refKind: 'j.ref_kind',
  sinceMs: 'j.since_ms',
  exitCode: 'j.exit_code',
  signal: 'j.signal',
  batchState: 'j.batch_state',
  stuck: 'j.stuck',
  node: 'j.node',
  processor: 'j.processor',
  cpuMs: 'j.cpu_ms',
  wallMs: 'j.wall_ms',
  peakMemoryBytes: 'j.peak_memory_bytes',
  absentMs: 'j.absent_ms',
  absentSeen: 'j.absent_seen',
  silentMs: 'j.silent_ms',
  silentTold: 'j.silent_told',
};

const DATASET: Record<keyof DatasetRow, string> = {
  id: 't.id',
  name: 't.name',
  requestId: 't.request_id',
  generation: 't.generation',
  loaded: 'g.loaded',
  orphanedMs: 't.orphaned_ms',
  releasedMs: 't.released_ms',
  holds: HOLDS,
  membersMs: 't.members_ms',
  membersInput: 't.members_input',
  membersKept: 't.members_kept',
  arrivingSinceMs:
    '(SELECT min(r.since_ms) FROM arrivals r WHERE r.dataset_id = t.id AND r.settled_ms IS NULL)',
};

const selected = (columns: Readonly<Record<string, string>>) =>
  Object.entries(columns)
    .map(([field, column]) => `${column} AS "${field}"`)
    .join(', ');

/** Select lists; the tables' aliases are d (details), s (states), a, b, j, t and g. */
export const COLUMNS = {
  input: selected(INPUT),
  output: selected(OUTPUT),
  attempt: selected(ATTEMPT),
  submission: selected(SUBMISSION),
  job: selected(JOB),
  dataset: selected(DATASET),
} as const;

const bare = (columns: Readonly<Record<string, string>>) =>
  new Map(Object.entries(columns).map(([field, column]) => [field, column.slice(2)]));

/** Fields to column names without alias, for writing. */
export const WRITTEN = {
  inputState: new Map([...bare(INPUT)].filter(([field]) => INPUT[field as keyof InputRow].startsWith('s.'))),
  outputState: new Map(
    [...bare(OUTPUT)].filter(([field]) => OUTPUT[field as keyof OutputRow].startsWith('s.')),
  ),
  submission: bare(SUBMISSION),
  job: bare(JOB),
} as const;
