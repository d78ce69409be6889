/** What happened, from the rows that are never changed. */
import type { Knex } from 'knex';
import type { Phase } from '../../machines/model.ts';

/** One move of a file or job. */
export interface HistoryLine {
  readonly atMs: number;
  /** The file's name, or the job's. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** The phase at fault, when it came to error. */
  readonly phase: Phase | null;
  readonly fact: string;
  readonly because: string;
  readonly attempt: number | null;
}

const LINE = `x.at_ms AS "atMs", x.from_state AS "from", x.to_state AS "to", x.phase, x.fact, x.because, x.attempt`;

/** The last moves of files, oldest first. */
export async function readFileMoves(
  knex: Knex,
  fileIds: readonly number[],
  limit: number,
): Promise<readonly HistoryLine[]> {
  const { rows } = await knex.raw(
    `SELECT d.name, ${LINE} FROM transitions x JOIN file_details d ON d.id = x.file_id
     WHERE x.file_id = ANY(:ids) ORDER BY x.id DESC LIMIT :limit`,
    { ids: [...fileIds], limit },
  );
  return rows.toReversed();
}

/** The last moves of a dataset's files and jobs, oldest first. */
export async function readDatasetMoves(
  knex: Knex,
  datasetId: number,
  limit: number,
): Promise<readonly HistoryLine[]> {
  const { rows } = await knex.raw(
    `SELECT COALESCE(d.name, b.name || ':' || x.job_index, t.name) AS name, ${LINE}
     FROM (SELECT * FROM transitions WHERE dataset_id = :datasetId ORDER BY id DESC LIMIT :limit) x
     JOIN datasets t ON t.id = x.dataset_id
     LEFT JOIN file_details d ON d.id = x.file_id LEFT JOIN submissions b ON b.id = x.submission_id
     ORDER BY x.id`,
    { datasetId, limit },
  );
  return rows;
}

/** One try of a phase for a file. */
export interface AttemptLine {
  readonly number: number;
  readonly phase: Phase;
  readonly state: string;
  /** The submission, and the job in it. */
  readonly submission: string | null;
  readonly openedMs: number;
  readonly closedMs: number | null;
  readonly class: string | null;
  readonly reason: string | null;
  readonly eventsRead: number | null;
  readonly eventsSkipped: number | null;
}

/** The last attempts of files, oldest first. */
export async function readAttempts(
  knex: Knex,
  fileIds: readonly number[],
  limit: number,
): Promise<readonly AttemptLine[]> {
  const { rows } = await knex.raw(
    `SELECT a.number, a.phase, a.state, a.opened_ms AS "openedMs", a.closed_ms AS "closedMs", a.class, a.reason,
       a.events_read AS "eventsRead", a.events_skipped AS "eventsSkipped",
       b.name || CASE WHEN COALESCE(a.job_index, 0) = 0 THEN '' ELSE ':' || a.job_index END AS submission
     FROM attempts a LEFT JOIN submissions b ON b.id = a.submission_id
     WHERE a.file_id = ANY(:ids) ORDER BY a.id DESC LIMIT :limit`,
    { ids: [...fileIds], limit },
  );
  return rows.toReversed();
}

/** One applied change of a spec. */
export interface GenerationLine {
  readonly number: number;
  readonly revision: string;
  readonly commit: string | null;
  readonly author: string | null;
  readonly appliedMs: number;
}

/** The last generations of a dataset, oldest first. */
export async function readGenerations(
  knex: Knex,
  datasetId: number,
  limit: number,
): Promise<readonly GenerationLine[]> {
  const { rows } = await knex.raw(
    `SELECT number, revision, commit, author, applied_ms AS "appliedMs" FROM generations
     WHERE dataset_id = :datasetId ORDER BY number DESC LIMIT :limit`,
    { datasetId, limit },
  );
  return rows.toReversed();
}

/** How many files and jobs came to a state in one day. */
export interface DayLine {
  readonly day: string;
  readonly subject: 'file' | 'job';
  readonly to: string;
  readonly moves: number;
}

/** Moves by day and state of the last days in which something moved, oldest first. @param zone whose days: a name */
export async function readDays(
  knex: Knex,
  datasetId: number,
  zone: string,
  days: number,
): Promise<readonly DayLine[]> {
  const { rows } = await knex.raw(
    `SELECT day, subject, "to", moves FROM (
       SELECT *, dense_rank() OVER (ORDER BY day DESC) AS place FROM (
         SELECT to_char(to_timestamp(x.at_ms / 1000.0) AT TIME ZONE :zone, 'YYYY-MM-DD') AS day,
           CASE WHEN x.file_id IS NULL THEN 'job' ELSE 'file' END AS subject, x.to_state AS "to", count(*) AS moves
         FROM transitions x WHERE x.dataset_id = :datasetId AND x.from_state <> x.to_state
           AND COALESCE(x.file_id, x.submission_id) IS NOT NULL GROUP BY 1, 2, 3) counted) ranked
     WHERE place <= :days ORDER BY day, subject, moves DESC, "to"`,
    { datasetId, zone, days },
  );
  return rows;
}
