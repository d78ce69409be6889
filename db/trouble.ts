/** What stands in the way of a dataset's new work: closed gates, and failures that have something in common. */
import type { Knex } from 'knex';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import type { Totals, Trouble } from '../reconcilers/model/totals.ts';
import { resumedMs, WAIVED } from './waived.ts';

/** The closed gates of a dataset by phase. */
export async function readGates(knex: Knex, dataset: DatasetRow): Promise<Totals['gates']> {
  const { rows } = await knex.raw(
    `SELECT phase, kind, message, tries, generation, since_ms AS "sinceMs", retry_at_ms AS "retryAtMs"
     FROM gates WHERE dataset_id = ?`,
    [dataset.id],
  );
  return Object.fromEntries(rows.map(({ phase, ...gate }: { phase: string }) => [phase, gate]));
}

/** What failures have in common. @param errors  files in error; without one nothing is asked */
export async function readTrouble(knex: Knex, dataset: DatasetRow, errors: number): Promise<Trouble> {
  if (errors === 0) return { outage: null, alike: null };
  return { outage: await readOutage(knex, dataset), alike: await readAlike(knex, dataset) };
}

async function readOutage(knex: Knex, dataset: DatasetRow): Promise<Trouble['outage']> {
  const { rows } = await knex.raw(
    `WITH met AS (SELECT count(*) AS files, max(since_ms) AS last, (array_agg(reason ORDER BY since_ms DESC))[1] AS reason
       FROM input_states s WHERE dataset_id = :id AND state = 'error' AND phase = 'process' AND class = 'outage'
         AND NOT ${WAIVED})
     SELECT met.files, met.reason, met.last AS "lastMs",
       (SELECT count(*) FROM input_states WHERE dataset_id = :id AND class = 'outage' AND state IN ('verified', 'running'))
         AS probing,
       EXISTS (SELECT 1 FROM input_states s JOIN attempts a ON a.id = s.accepted_attempt
         WHERE s.dataset_id = :id AND s.state IN ('done', 'copied') AND a.opened_ms > met.last) AS over
     FROM met WHERE met.files > 0`,
    { id: dataset.id },
  );
  return rows[0] ?? null;
}

/** So many files failed alike that it is not theirs; where nobody knows a class, on as many nodes. */
const ALIKE = 3;

async function readAlike(knex: Knex, dataset: DatasetRow): Promise<Trouble['alike']> {
  const { rows } = await knex.raw(
    `SELECT s.signature, count(*) AS files, count(DISTINCT j.node) AS nodes
     FROM input_states s
     LEFT JOIN LATERAL (SELECT submission_id, job_index FROM attempts a
       WHERE a.file_id = s.file_id AND a.phase = 'process' ORDER BY a.number DESC LIMIT 1) a ON true
     LEFT JOIN submission_jobs j ON j.submission_id = a.submission_id AND j.index = a.job_index
     WHERE s.dataset_id = :id AND s.state = 'error' AND s.phase = 'process' AND s.class IN ('software', 'unknown')
       AND s.retired_ms IS NULL AND s.signature IS NOT NULL AND NOT ${WAIVED}
       AND s.since_ms > ${resumedMs('held.software')}
     GROUP BY s.signature
     HAVING count(*) >= ${ALIKE} AND (bool_and(s.class = 'software') OR count(DISTINCT j.node) >= ${ALIKE})
     ORDER BY count(*) DESC, s.signature LIMIT 1`,
    { id: dataset.id },
  );
  return rows[0] ?? null;
}
