/**
 * Gates: what an outside system said when it would not take a phase's new work.
 * Of which input the members are the answer, so that a changed one is asked for,
 * and a hash of the answer, so that the same one is not compared again.
 * And one row a request, type and generation in the view of job descriptions,
 * also where several movers are of one type.
 */
import type { Knex } from 'knex';
import { PHASES } from '../../machines/model.ts';
import { commented } from './commented.ts';

const oneOf = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

const GATES = `
-- A phase of a dataset whose system would not take new work; a row while it is closed.
CREATE TABLE gates (
  dataset_id bigint NOT NULL REFERENCES datasets, -- the dataset
  phase text NOT NULL CHECK (phase IN (${oneOf(PHASES)})), -- the phase
  kind text NOT NULL CHECK (kind IN ('refused', 'rejected')), -- refused: full or at a quota; rejected: no such order is taken
  message text NOT NULL, -- what the system said
  tries integer NOT NULL, -- how many times in a row it said no
  generation integer NOT NULL, -- the generation of the order; a later one may be another order
  since_ms bigint NOT NULL, -- when it said no first
  retry_at_ms bigint NOT NULL, -- when it is asked again
  PRIMARY KEY (dataset_id, phase)
);

-- The job descriptions of the DZero reprocessing: one row a request, type and generation.
CREATE OR REPLACE VIEW job_descriptions (
  request_id, -- the dataset's request
  job_type, -- d0reco, bbftp, …
  macro, -- the macro the job runs
  hpss_location, -- where the inputs lie
  batch_arguments, -- resources and options given to the batch system
  generation -- the generation of the spec
) AS
SELECT d.request_id, g.loaded #>> '{spec,job,type}', g.loaded #>> '{spec,job,macro}',
  (g.loaded #>> '{spec,input,store}') || ':' || (g.loaded #>> '{spec,input,path}'),
  ((g.loaded #> '{spec,job,resources}') || (g.loaded #> '{site,batch,options}') || (g.loaded #> '{spec,job,options}'))::text,
  g.number
FROM generations g JOIN datasets d ON d.id = g.dataset_id
UNION ALL
SELECT d.request_id, mover.value ->> 'driver', NULL, string_agg(mover.value ->> 'to', ', ' ORDER BY mover.place),
  string_agg((mover.value -> 'options')::text, ', ' ORDER BY mover.place), g.number
FROM generations g JOIN datasets d ON d.id = g.dataset_id,
  jsonb_array_elements(g.loaded #> '{site,movers}') WITH ORDINALITY AS mover(value, place)
GROUP BY d.request_id, g.number, mover.value ->> 'driver';
`;

const MEMBERS_INPUT = `
ALTER TABLE datasets ADD COLUMN members_input text, ADD COLUMN members_digest text;
COMMENT ON COLUMN datasets.members_input IS 'a hash of the input that its members are the answer to; null before the first answer';
COMMENT ON COLUMN datasets.members_digest IS 'a hash of that answer, where it can be had twice: the same one need not be compared again';
`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(commented(GATES));
  await knex.raw(MEMBERS_INPUT);
}

export async function down(knex: Knex): Promise<void> {
  // The view stays as it is: an older program reads it as well.
  await knex.raw('DROP TABLE gates');
  await knex.raw('ALTER TABLE datasets DROP COLUMN members_input, DROP COLUMN members_digest');
}
