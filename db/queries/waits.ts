/** The files of a dataset that are not at their goal, counted by all that rules read of them on record. */
import type { Knex } from 'knex';
import type { FileId, Millis, OutputState } from '../../machines/model.ts';
import { WAITING_PROBLEMS } from '../../machines/problems.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import { WAIVED } from '../waived.ts';

/** Files that are alike on record. */
export interface AlikeCount {
  /** The first and the last of them. */
  readonly id: FileId;
  readonly lastId: FileId;
  readonly files: number;
  /** Since when the one that has stood there for longest does. */
  readonly sinceMs: Millis;
}

/** What tells the files of a dataset apart besides their rows. */
export interface Telling {
  readonly now: Millis;
  /** Whether inputs that are done have nothing left to do. */
  readonly doneIsGoal: boolean;
  /** Whether runs matter. */
  readonly byRun: boolean;
  /** The signature of failures for which the dataset is held; null: none. */
  readonly signature: string | null;
  /** Where outputs have nothing left to do. */
  readonly goals: readonly { readonly key: string; readonly state: OutputState }[];
}

/** When a failed file is tried again. */
const RETRY = `CASE WHEN s.retry_at_ms IS NULL THEN 'never' WHEN s.retry_at_ms <= :now THEN 'due' ELSE 'later' END`;
/** The files in motion, and whether people were told that nothing is known of their work. */
const LIVE = `(SELECT l.file_id, bool_or(j.silent_told) AS silent FROM live_attempts l
  JOIN attempts a ON a.id = l.attempt_id
  JOIN submission_jobs j ON j.submission_id = a.submission_id AND j.index = a.job_index
  WHERE l.dataset_id = :id GROUP BY l.file_id)`;

/** Inputs that count and are not at their goal. */
export async function countAlikeInputs(
  knex: Knex,
  { id }: DatasetRow,
  { now, doneIsGoal, byRun, signature }: Telling,
): Promise<readonly AlikeCount[]> {
  const { rows } = await knex.raw(
    `SELECT min(id) AS id, max(id) AS "lastId", count(*) AS files, min(since_ms) AS "sinceMs" FROM (
       SELECT s.file_id AS id, s.since_ms, s.state, s.phase, s.class, ${RETRY} AS retry, w.silent AS live,
         p.kind AS problem,
         s.signature IS NOT DISTINCT FROM CAST(:signature AS text) AS held, s.suspect, d.source_store,
         d.source_path IS NULL AS unknown, s.copy_path IS NULL AS away, d.event_count IS NULL AS uncounted,
         d.size_bytes IS NULL AS unsized, CASE WHEN :byRun THEN d.run END AS run
       FROM input_states s JOIN file_details d ON d.id = s.file_id
       LEFT JOIN ${LIVE} w ON w.file_id = s.file_id
       LEFT JOIN (SELECT file_id, min(kind) AS kind FROM problems
         WHERE dataset_id = :id AND cleared_ms IS NULL AND kind = ANY(:kinds) GROUP BY file_id) p ON p.file_id = s.file_id
       WHERE s.dataset_id = :id AND s.retired_ms IS NULL AND s.state <> 'copied'
         AND NOT (:doneIsGoal AND s.state = 'done') AND NOT ${WAIVED}) alike
     GROUP BY state, phase, class, retry, live, problem, held, suspect, source_store, unknown, away, uncounted,
       unsized, run`,
    { id, now, doneIsGoal, byRun, signature, kinds: [...WAITING_PROBLEMS] },
  );
  return rows;
}

/** Outputs that count and are not at their goal, or have trouble there that a person must end. */
export async function countAlikeOutputs(
  knex: Knex,
  { id }: DatasetRow,
  { now, byRun, goals }: Telling,
): Promise<readonly AlikeCount[]> {
  const { rows } = await knex.raw(
    `SELECT min(id) AS id, max(id) AS "lastId", count(*) AS files, min(since_ms) AS "sinceMs" FROM (
       SELECT s.file_id AS id, s.since_ms, s.output_key, s.state, s.phase, s.class, ${RETRY} AS retry, w.silent AS live,
         i.state AS parent, i.retired_ms IS NULL AS counts, s.far_path IS NULL AS unsent,
         CASE WHEN :byRun THEN d.run END AS run
       FROM output_states s JOIN file_details d ON d.id = s.file_id JOIN input_states i ON i.file_id = d.parent_id
       LEFT JOIN ${LIVE} w ON w.file_id = s.file_id
       WHERE s.dataset_id = :id AND s.state <> 'lost'
         AND (NOT EXISTS (SELECT 1 FROM unnest(CAST(:keys AS text[]), CAST(:states AS text[])) AS g(key, state)
             WHERE g.key = s.output_key AND g.state = s.state)
           OR (s.class IS NOT NULL AND s.retry_at_ms IS NULL))) alike
     GROUP BY output_key, state, phase, class, retry, live, parent, counts, unsent, run`,
    {
      ...{ id, now, byRun },
      keys: goals.map(({ key }) => key),
      states: goals.map(({ state }) => state),
    },
  );
  return rows;
}
