/** What stands in the way of a dataset's new work: closed gates, and failures that have something in common. */
import type { Knex } from 'knex';
import { BLAMING_CLASSES, type ErrorClass } from '../machines/model.ts';
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

/** What failures have in common, counted. @param failed  files in error, and those tried again; without one nothing is asked */
export async function readTrouble(knex: Knex, dataset: DatasetRow, failed: number): Promise<Trouble> {
  if (failed === 0) return { outage: null, alike: [] };
  return { outage: await readOutage(knex, dataset), alike: await readAlike(knex, dataset) };
}

async function readOutage(knex: Knex, dataset: DatasetRow): Promise<Trouble['outage']> {
  const outage: ErrorClass = 'outage';
  const { rows } = await knex.raw(
    `WITH met AS (SELECT count(*) AS files, max(since_ms) AS last, (array_agg(reason ORDER BY since_ms DESC))[1] AS reason
       FROM input_states s WHERE dataset_id = :id AND state = 'error' AND phase = 'process' AND class = :outage
         AND NOT ${WAIVED})
     SELECT met.files, met.reason, met.last AS "lastMs",
       (SELECT count(*) FROM input_states WHERE dataset_id = :id AND class = :outage AND state IN ('verified', 'running'))
         AS probing,
       EXISTS (SELECT 1 FROM input_states s JOIN attempts a ON a.id = s.accepted_attempt
         WHERE s.dataset_id = :id AND s.state IN ('done', 'copied') AND a.opened_ms > met.last) AS over
     FROM met WHERE met.files > 0`,
    { id: dataset.id, outage },
  );
  return rows[0] ?? null;
}

async function readAlike(knex: Knex, dataset: DatasetRow): Promise<Trouble['alike']> {
  const { rows } = await knex.raw(
    `SELECT s.signature, s.suspect, array_agg(DISTINCT s.class) AS classes, count(DISTINCT s.file_id) AS files,
       count(n.node) AS tries, count(DISTINCT n.node) AS "onNodes",
       COALESCE((array_agg(DISTINCT n.node) FILTER (WHERE n.node IS NOT NULL))[1:100], '{}') AS nodes
     FROM input_states s LEFT JOIN LATERAL unnest(s.failed_nodes) AS n(node) ON true
     WHERE s.dataset_id = :id AND s.retired_ms IS NULL AND s.signature IS NOT NULL AND NOT ${WAIVED}
       AND s.since_ms > ${resumedMs('held.software')}
       AND ((s.state = 'error' AND s.phase = 'process' AND (s.suspect OR s.class = ANY(:classes)))
         OR (s.suspect AND s.state IN ('verified', 'running')))
     GROUP BY s.signature, s.suspect ORDER BY files DESC, s.signature LIMIT 100`,
    { id: dataset.id, classes: [...BLAMING_CLASSES] },
  );
  return rows;
}
