/**
 * Looking again at what was accepted: which store holds the far copy of an output, so
 * that it is looked for where it was sent; when the bytes of an output are read again;
 * and how many bytes were read so on a day.
 */
import type { Knex } from 'knex';
import { commented } from './commented.ts';

/** The store of a far copy stands in the endpoint of the attempt that brought it. */
const FAR_STORE = `
ALTER TABLE output_states ADD COLUMN far_store text;
COMMENT ON COLUMN output_states.far_store IS 'the store its far copy lies in; null when there is none';
UPDATE output_states s SET far_store = split_part(b.endpoint, '>', 2)
FROM attempts a JOIN submissions b ON b.id = a.submission_id
WHERE a.file_id = s.file_id AND a.phase = 'export' AND a.state = 'accepted' AND s.far_path IS NOT NULL
  AND b.endpoint IS NOT NULL;
`;

const SCRUBS = `
-- When the bytes of an accepted output are looked at again; a row from the first time on.
CREATE TABLE scrubs (
  file_id bigint PRIMARY KEY REFERENCES file_details, -- the output
  dataset_id bigint NOT NULL, -- its dataset
  looked_ms bigint NOT NULL, -- when its bytes were last looked at
  due_ms bigint NOT NULL, -- when they are looked at again
  result text NOT NULL CHECK (result IN ('good', 'corrupt', 'not on disk', 'not compared')) -- what came of it
);

CREATE INDEX scrubs_due ON scrubs (dataset_id, due_ms);

-- Bytes that were read on one day to look at outputs again, over all datasets of a site.
CREATE TABLE scrub_days (
  site text NOT NULL, -- the site
  day bigint NOT NULL, -- days since 1970 began, by the database's clock
  bytes bigint NOT NULL, -- bytes that were read
  PRIMARY KEY (site, day)
);
`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(FAR_STORE);
  await knex.raw(commented(SCRUBS));
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE scrubs, scrub_days');
  await knex.raw('ALTER TABLE output_states DROP COLUMN far_store');
}
