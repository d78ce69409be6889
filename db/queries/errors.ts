/** What is wrong, in groups of alike failures. */
import type { Knex } from 'knex';
import type { ErrorClass, Phase } from '../../machines/model.ts';
import { groupId, WAIVED } from '../waived.ts';

/** Failures of one dataset, phase, class and signature. */
export interface ErrorGroup {
  /** What commands take for it, as `g3fa9c21`. */
  readonly id: string;
  readonly dataset: string;
  /** Inputs that failed and have not gone well since, outputs with trouble, or open problems. */
  readonly of: 'input' | 'output' | 'problem';
  readonly phase: Phase | null;
  readonly class: ErrorClass | null;
  /** Problems: their kind. */
  readonly signature: string | null;
  readonly count: number;
  /** So many of them wait for their next try, which comes by itself. */
  readonly retrying: number;
  /** So many of them are between two attempts: their next try has begun, or waits for what holds the dataset. */
  readonly again: number;
  /** When the first of those is due; null where none is. */
  readonly nextRetryMs: number | null;
  /** Since when the oldest is so; null for outputs, of which only the trouble's end is timed. */
  readonly sinceMs: number | null;
  /** A file of the group, with its own reason; null for a problem of the dataset. */
  readonly exampleId: number | null;
  readonly example: string | null;
  readonly reason: string | null;
}

/**
 * Groups of errors, the largest first. Retired inputs are left out: they get no
 * new work, and each has an open problem that says so; waived ones are settled.
 */
export async function readErrors(
  knex: Knex,
  datasetIds: readonly number[],
  limit: number,
): Promise<readonly ErrorGroup[]> {
  const { rows } = await knex.raw(
    `${INPUTS} UNION ALL ${OUTPUTS} UNION ALL ${PROBLEMS}
     ORDER BY count DESC, dataset, "of", phase, class, signature LIMIT :limit`,
    { ids: [...datasetIds], limit },
  );
  return rows;
}

/** Where a file that is tried again has failed: its row knows that no more, but it stands before that phase, or in it. */
const FAILED_IN = `CASE s.state WHEN 'error' THEN s.phase WHEN 'pending' THEN 'transfer' WHEN 'transferred' THEN 'verify'
  ELSE 'process' END`;

const ALIKE = `s.class, s.signature, count(*) AS files, min(s.file_id) AS example_id`;

const RETRYING = `count(s.retry_at_ms) AS retrying, 0 AS again, min(s.retry_at_ms) AS retry_ms`;

/** What is being tried again was due once: its row still says when. */
const IN_ERROR_RETRYING = `count(s.retry_at_ms) FILTER (WHERE s.state = 'error') AS retrying,
  count(*) FILTER (WHERE s.state <> 'error') AS again,
  min(s.retry_at_ms) FILTER (WHERE s.state = 'error') AS retry_ms`;

const GROUP = `${groupId('g')} AS id, t.name AS dataset, g.of, g.phase, g.class, g.signature, g.files AS count, g.retrying, g.again,
  g.retry_ms AS "nextRetryMs", g.since_ms AS "sinceMs", d.id AS "exampleId",
  d.name AS example`;

const INPUTS = `
SELECT ${GROUP}, e.reason FROM (
  SELECT s.dataset_id, 'input' AS of, ${FAILED_IN} AS phase, ${ALIKE}, ${IN_ERROR_RETRYING}, min(s.since_ms) AS since_ms
  FROM input_states s
  WHERE s.dataset_id = ANY(:ids) AND (s.state = 'error'
      OR (s.class IS NOT NULL AND s.state IN ('pending', 'transferred', 'verified', 'running')))
    AND s.retired_ms IS NULL AND NOT ${WAIVED}
  GROUP BY s.dataset_id, 3, s.class, s.signature) g
JOIN datasets t ON t.id = g.dataset_id JOIN file_details d ON d.id = g.example_id
JOIN input_states e ON e.file_id = g.example_id`;

const OUTPUTS = `
SELECT ${GROUP}, e.reason FROM (
  SELECT s.dataset_id, 'output' AS of, s.phase, ${ALIKE}, ${RETRYING}, CAST(NULL AS bigint) AS since_ms FROM output_states s
  WHERE s.dataset_id = ANY(:ids) AND s.class IS NOT NULL
  GROUP BY s.dataset_id, s.phase, s.class, s.signature) g
JOIN datasets t ON t.id = g.dataset_id JOIN file_details d ON d.id = g.example_id
JOIN output_states e ON e.file_id = g.example_id`;

/** How many inputs of each dataset are waived, where some are. */
export async function readWaivedCounts(
  knex: Knex,
  datasetIds: readonly number[],
): Promise<readonly { readonly dataset: string; readonly files: number }[]> {
  const { rows } = await knex.raw(
    `SELECT t.name AS dataset, count(*) AS files FROM input_states s JOIN datasets t ON t.id = s.dataset_id
     WHERE s.dataset_id = ANY(?) AND s.retired_ms IS NULL AND ${WAIVED} GROUP BY t.name ORDER BY t.name`,
    [[...datasetIds]],
  );
  return rows;
}

const PROBLEMS = `
SELECT ${GROUP}, e.message FROM (
  SELECT p.dataset_id, 'problem' AS of, p.phase, p.class, p.kind AS signature, count(*) AS files, 0 AS retrying, 0 AS again,
    CAST(NULL AS bigint) AS retry_ms, min(p.id) AS example_id, min(p.since_ms) AS since_ms FROM problems p
  WHERE p.dataset_id = ANY(:ids) AND p.cleared_ms IS NULL
  GROUP BY p.dataset_id, p.phase, p.class, p.kind) g
JOIN datasets t ON t.id = g.dataset_id JOIN problems e ON e.id = g.example_id
LEFT JOIN file_details d ON d.id = e.file_id`;
