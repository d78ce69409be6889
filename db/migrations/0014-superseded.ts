/** The view of files says of which outputs a later processing has made others. */
import type { Knex } from 'knex';
import { commented } from './commented.ts';

/** @param status  what stands in the column of that name */
const filesView = (status: string) => `
-- The files table of the DZero reprocessing: one row an input or output.
CREATE OR REPLACE VIEW files (
  job_name, -- the batch job that last worked on it, or made it
  type, -- its data tier
  sam_status, -- in catalog, not declared, declared, located
  status, -- its state; superseded: its input is done under another revision
  location_status, -- present, absent, deleted, unknown
  file_name, -- its name
  location, -- store:path
  number_of_events, -- events in it
  file_size, -- bytes
  parent, -- the file it was made from
  run, -- the run
  dataset -- the dataset's name
) AS
SELECT
  (SELECT s.name FROM attempts a JOIN submissions s ON s.id = a.submission_id
    WHERE a.id = COALESCE(f.attempt_id,
      (SELECT max(last.id) FROM attempts last WHERE last.file_id = f.id AND last.phase = 'process'))),
  f.data_tier,
  CASE WHEN f.kind = 'input' THEN 'in catalog'
       WHEN o.state IN ('declared', 'located') THEN o.state ELSE 'not declared' END,
  ${status},
  CASE WHEN f.kind = 'input' THEN CASE WHEN i.copy_path IS NULL THEN 'absent' ELSE 'present' END
       WHEN o.state = 'deleted' THEN 'deleted' WHEN o.state = 'lost' THEN 'absent' ELSE 'present' END,
  f.name,
  CASE WHEN f.kind = 'input' THEN (g.loaded #>> '{spec,input,store}') || ':' || i.copy_path
       ELSE f.store || ':' || f.path END,
  f.event_count,
  f.size_bytes,
  parent.name,
  f.run,
  d.name
FROM file_details f
JOIN datasets d ON d.id = f.dataset_id
JOIN generations g ON g.dataset_id = d.id AND g.number = d.generation
LEFT JOIN input_states i ON i.file_id = f.id
LEFT JOIN output_states o ON o.file_id = f.id
LEFT JOIN file_details parent ON parent.id = f.parent_id
LEFT JOIN input_states made_of ON made_of.file_id = f.parent_id;
`;

const BEFORE = 'COALESCE(i.state, o.state)';

const NOW = `CASE WHEN o.state <> 'lost' AND made_of.state IN ('done', 'copied') AND made_of.revision <> f.revision
    THEN 'superseded' ELSE ${BEFORE} END`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(commented(filesView(NOW)));
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(commented(filesView(BEFORE)));
}
