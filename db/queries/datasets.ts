import type { Knex } from 'knex';
import type { JobState } from '../../machines/model.ts';
import type { SubmissionState } from '../../reconcilers/model/rows.ts';
import { supersededIn } from '../superseded.ts';

/** One line of `get files`. */
export interface FileLine {
  readonly dataset: string;
  readonly name: string;
  readonly kind: 'input' | 'output';
  readonly dataTier: string;
  /** Of an output also `superseded`: its input is done under another revision. */
  readonly state: string;
  /** An output: the processing revision that made it. An input: the one it is done under; null: it is not done. */
  readonly revision: string | null;
  readonly run: number | null;
  readonly sizeBytes: number | null;
  readonly eventCount: number | null;
  readonly location: string | null;
  readonly parent: string | null;
  readonly reason: string | null;
}

/** What a person wants to see; of an empty list, everything. */
export interface FileFilter {
  readonly datasets: readonly string[];
  readonly states: readonly string[];
  readonly kinds: readonly string[];
  readonly names: readonly string[];
  readonly limit: number;
}

const among = (column: string, list: string) =>
  `(cardinality(CAST(:${list} AS text[])) = 0 OR (${column}) = ANY(:${list}))`;

const FILES = `FROM file_details d JOIN datasets t ON t.id = d.dataset_id
     LEFT JOIN input_states i ON i.file_id = d.id LEFT JOIN output_states o ON o.file_id = d.id
     LEFT JOIN input_states made_of ON made_of.file_id = d.parent_id`;

const STATE = `CASE WHEN ${supersededIn({ output: 'o', details: 'd', input: 'made_of' })} THEN 'superseded'
       ELSE COALESCE(i.state, o.state) END`;

const FILES_MEANT = `${among('t.name', 'datasets')} AND ${among(STATE, 'states')}
       AND ${among('d.kind', 'kinds')} AND ${among('d.name', 'names')}`;

/** Files of some datasets, states and kinds, in the order they were recorded. */
export async function readFiles(knex: Knex, filter: FileFilter): Promise<readonly FileLine[]> {
  const { rows } = await knex.raw(
    `SELECT t.name AS dataset, d.name, d.kind, d.data_tier AS "dataTier", ${STATE} AS state,
       COALESCE(i.revision, d.revision) AS revision, d.run,
       d.size_bytes AS "sizeBytes", d.event_count AS "eventCount",
       CASE WHEN d.kind = 'input' THEN i.copy_path ELSE d.store || ':' || d.path END AS location,
       p.name AS parent, COALESCE(i.reason, o.reason) AS reason
     ${FILES} LEFT JOIN file_details p ON p.id = d.parent_id
     WHERE ${FILES_MEANT} ORDER BY d.id LIMIT :limit`,
    bindings(filter),
  );
  return rows;
}

/** `countFiles` counts the files that `readFiles` would list without a limit. */
export async function countFiles(knex: Knex, filter: FileFilter): Promise<number> {
  const { rows } = await knex.raw(`SELECT count(*) AS files ${FILES} WHERE ${FILES_MEANT}`, bindings(filter));
  return rows[0].files;
}

/** One line of `get jobs`. */
export interface JobLine {
  readonly name: string;
  readonly dataset: string;
  readonly type: string;
  readonly status: JobState;
  /** `intended`: nobody knows yet whether it exists. */
  readonly submission: SubmissionState;
  /** Names of the files it works on, or did. */
  readonly files: readonly string[];
  readonly submittedMs: number;
  /** Since when it has this status. */
  readonly sinceMs: number;
  readonly wallMs: number | null;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly node: string | null;
  readonly processor: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly reference: string | null;
}

/** The first job of a submission has its name, as `r1-abc-12`; another one `r1-abc-12:3`. */
const JOB_NAME = `s.name || CASE WHEN j.index = 0 THEN '' ELSE ':' || j.index END`;

const JOBS = `FROM submission_jobs j JOIN submissions s ON s.id = j.submission_id JOIN datasets t ON t.id = s.dataset_id`;

/** A job is `queued` while it is pending and its system has taken it. */
const JOBS_MEANT = `${among('t.name', 'datasets')} AND (${among('j.status', 'states')}
       OR (j.status = 'pending' AND s.state <> 'intended' AND 'queued' = ANY(:states)))
       AND ${among(JOB_NAME, 'names')}`;

type JobFilter = Omit<FileFilter, 'kinds'>;

/** Jobs, newest first. */
export async function readJobs(knex: Knex, filter: JobFilter): Promise<readonly JobLine[]> {
  const { rows } = await knex.raw(
    `WITH chosen AS (SELECT j.*, ${JOB_NAME} AS name, s.state, COALESCE(s.accepted_ms, s.intended_ms) AS submitted_ms, t.name AS dataset
       ${JOBS} WHERE ${JOBS_MEANT} ORDER BY j.submission_id DESC, j.index LIMIT :limit),
     named AS (SELECT a.submission_id, COALESCE(a.job_index, 0) AS index, array_agg(d.name ORDER BY a.id) AS names
       FROM attempts a JOIN file_details d ON d.id = a.file_id
       WHERE a.submission_id IN (SELECT submission_id FROM chosen) GROUP BY 1, 2)
     SELECT j.name, j.dataset, j.type, j.status,
       j.state AS submission, COALESCE(n.names, '{}') AS files, j.submitted_ms AS "submittedMs", j.since_ms AS "sinceMs",
       j.wall_ms AS "wallMs", j.cpu_ms AS "cpuMs", j.peak_memory_bytes AS "peakMemoryBytes", j.node, j.processor,
       j.exit_code AS "exitCode", j.signal, r.name AS reference
     FROM chosen j LEFT JOIN named n ON n.submission_id = j.submission_id AND n.index = j.index
     LEFT JOIN submissions r ON r.id = j.ref_submission_id ORDER BY j.submission_id DESC, j.index`,
    bindings({ ...filter, kinds: [] }),
  );
  return rows;
}

/** `countJobs` counts the jobs that `readJobs` would list without a limit. */
export async function countJobs(knex: Knex, filter: JobFilter): Promise<number> {
  const { rows } = await knex.raw(
    `SELECT count(*) AS jobs ${JOBS} WHERE ${JOBS_MEANT}`,
    bindings({ ...filter, kinds: [] }),
  );
  return rows[0].jobs;
}

/**
 * `readQueued` counts, by dataset, the running inputs whose job its system has taken and not begun.
 *
 * @returns no entry for a dataset that has none
 */
export async function readQueued(
  knex: Knex,
  datasetIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const { rows } = await knex.raw(
    `SELECT l.dataset_id AS id, count(*) AS files
     FROM live_attempts l JOIN attempts a ON a.id = l.attempt_id JOIN input_states i ON i.file_id = l.file_id
     JOIN submission_jobs j ON j.submission_id = a.submission_id AND j.index = COALESCE(a.job_index, 0)
     WHERE l.dataset_id = ANY(?) AND l.phase = 'process' AND i.state = 'running' AND i.retired_ms IS NULL
       AND j.status = 'pending' GROUP BY l.dataset_id`,
    [[...datasetIds]],
  );
  return new Map(rows.map((row: { id: number; files: number }) => [row.id, row.files]));
}

function bindings({ datasets, states, kinds, names, limit }: FileFilter) {
  return { datasets: [...datasets], states: [...states], kinds: [...kinds], names: [...names], limit };
}
