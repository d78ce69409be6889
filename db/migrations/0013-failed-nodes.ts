/**
 * On which nodes the jobs of an input failed alike, and whether that says more of the nodes or
 * the software than of the input: what is tried once more elsewhere, and then holds the dataset.
 */
import type { Knex } from 'knex';

const COLUMNS = `
ALTER TABLE input_states ADD COLUMN failed_nodes text[];
COMMENT ON COLUMN input_states.failed_nodes IS 'process: the node of each job that failed with this signature, one after the other; null: nobody knows one';
ALTER TABLE input_states ADD COLUMN suspect boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN input_states.suspect IS 'process: it failed as a command fails that cannot run or does nothing, which is the software''s doing or a node''s; false where an older program noted the failure';
`;

/** What an older program has noted of a file in error is the node of its last job. */
const KNOWN = `
UPDATE input_states s SET failed_nodes = ARRAY[j.node]
FROM attempts a JOIN submission_jobs j ON j.submission_id = a.submission_id AND j.index = a.job_index
WHERE s.state = 'error' AND s.phase = 'process' AND a.file_id = s.file_id AND a.phase = 'process' AND j.node IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM attempts l WHERE l.file_id = a.file_id AND l.phase = 'process' AND l.number > a.number);
`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(COLUMNS);
  await knex.raw(KNOWN);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE input_states DROP COLUMN failed_nodes, DROP COLUMN suspect');
}
