/**
 * Arrivals: files that a listing shows and that may still be written, which are members
 * only once they have stopped changing. And what newer specs say of their input, for
 * specs that an older program has recorded.
 */
import type { Knex } from 'knex';
import { commented } from './commented.ts';

const ARRIVALS = `
-- A listed file that is new, or has other bytes than on record: it counts once it has stopped changing.
CREATE TABLE arrivals (
  dataset_id bigint NOT NULL REFERENCES datasets, -- the dataset
  path text COLLATE "C" NOT NULL, -- its path in the store that was listed
  size_bytes bigint NOT NULL, -- its size when it was last seen to change
  modified text, -- the store's mark of its last change then: it is compared with itself, never with a clock
  since_ms bigint NOT NULL, -- since when both are the same
  settled_ms bigint, -- when they had been for long enough; null: it may still be written
  PRIMARY KEY (dataset_id, path)
);
`;

const INPUT = `
UPDATE generations SET loaded = jsonb_set(loaded, '{spec,input}',
  jsonb_build_object('run', jsonb_build_object('pattern', NULL), 'settleForSeconds', 5) || (loaded #> '{spec,input}'))
WHERE jsonb_typeof(loaded #> '{spec,input}') = 'object';
`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(commented(ARRIVALS));
  await knex.raw(INPUT);
}

export async function down(knex: Knex): Promise<void> {
  // What specs say of their input stays: an older program does not read it.
  await knex.raw('DROP TABLE arrivals');
}
