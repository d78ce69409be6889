/** Where the logs of a submission are. */
import type { Knex } from 'knex';
import type { LoadedDataset, SiteSpec } from '../../specs/types.ts';

/** A submission, with all that is needed to find what its jobs left. */
export interface LoggedSubmission {
  readonly id: number;
  readonly name: string;
  readonly dataset: string;
  readonly phase: string;
  readonly state: string;
  /** Transfers: `from>to`. */
  readonly endpoint: string | null;
  /** How many jobs it has. */
  readonly jobs: number;
  /** The spec and site it was made under, and those in force now. */
  readonly made: LoadedDataset;
  readonly current: LoadedDataset;
  readonly archive: ArchivedLogs | null;
}

/** The tar that holds them. */
export interface ArchivedLogs {
  readonly store: string;
  readonly path: string;
  /** Its files in the tar, without the submission's folder. */
  readonly entries: readonly string[];
}

/** A submission by its name; undefined when there is none. */
export async function findSubmission(knex: Knex, name: string): Promise<LoggedSubmission | undefined> {
  const { rows } = await knex.raw(
    `SELECT b.id, b.name, t.name AS dataset, b.phase, b.state, b.endpoint, made.loaded AS made, current.loaded AS current,
       (SELECT count(*) FROM submission_jobs j WHERE j.submission_id = b.id) AS jobs,
       CASE WHEN r.id IS NOT NULL THEN jsonb_build_object('store', r.store, 'path', r.path, 'entries', s.entries) END
         AS archive
     FROM submissions b JOIN datasets t ON t.id = b.dataset_id
     JOIN generations made ON made.dataset_id = t.id AND made.number = b.generation
     JOIN generations current ON current.dataset_id = t.id AND current.number = t.generation
     LEFT JOIN archived_submissions s ON s.submission_id = b.id
     LEFT JOIN archives r ON r.id = s.archive_id AND r.state = 'stored'
     WHERE b.name = ?`,
    [name],
  );
  return rows[0];
}

/** The files of a submission's live attempts, in their order. */
export async function liveFilesOf(knex: Knex, submissionId: number): Promise<readonly number[]> {
  const { rows } = await knex.raw(
    'SELECT file_id AS id FROM live_attempts WHERE submission_id = ? ORDER BY file_id',
    [submissionId],
  );
  return rows.map((row: { id: number }) => row.id);
}

/** The job that worked on a file last, or that made it, else what brought it last; undefined when there was none. */
export async function findLastJob(
  knex: Knex,
  fileId: number,
): Promise<{ readonly submission: string; readonly index: number } | undefined> {
  const { rows } = await knex.raw(
    `SELECT b.name AS submission, COALESCE(a.job_index, 0) AS index
     FROM attempts a JOIN submissions b ON b.id = a.submission_id
     WHERE a.id = (SELECT COALESCE(d.attempt_id,
         (SELECT max(l.id) FROM attempts l WHERE l.file_id = d.id AND l.phase = 'process'),
         (SELECT max(l.id) FROM attempts l WHERE l.file_id = d.id AND l.submission_id IS NOT NULL))
       FROM file_details d WHERE d.id = ?)`,
    [fileId],
  );
  return rows[0];
}

/** The job that failed last on a file. */
export interface FailedJob {
  readonly fileId: number;
  /** The name of the file; a job of several inputs prints of each. */
  readonly file: string;
  readonly submission: string;
  readonly index: number;
  /** How many jobs the submission has. */
  readonly jobs: number;
  /** The site it was made for. */
  readonly site: SiteSpec;
}

/** The last jobs and transfers that failed on files; there is none for a file on which none did. */
export async function readFailedJobs(knex: Knex, fileIds: readonly number[]): Promise<readonly FailedJob[]> {
  if (fileIds.length === 0) return [];
  const { rows } = await knex.raw(
    `SELECT DISTINCT ON (a.file_id) a.file_id AS "fileId", d.name AS file, b.name AS submission,
       COALESCE(a.job_index, 0) AS index, g.loaded -> 'site' AS site,
       (SELECT count(*) FROM submission_jobs j WHERE j.submission_id = b.id) AS jobs
     FROM attempts a JOIN submissions b ON b.id = a.submission_id JOIN file_details d ON d.id = a.file_id
     JOIN generations g ON g.dataset_id = b.dataset_id AND g.number = b.generation
     WHERE a.file_id = ANY(?) AND a.state IN ('failed', 'lost') ORDER BY a.file_id, a.number DESC`,
    [[...fileIds]],
  );
  return rows;
}
