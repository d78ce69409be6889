/**
 * Absence belongs to a job, not to its submission: an array may have lost one of
 * its jobs. And since when nobody knows anything of a job, so that a person is
 * told once the site's patience (`unknownAfter`) is over.
 */
import type { Knex } from 'knex';

const ABSENCE = `
ALTER TABLE submission_jobs ADD COLUMN absent_ms bigint, ADD COLUMN absent_seen integer NOT NULL DEFAULT 0,
  ADD COLUMN silent_ms bigint, ADD COLUMN silent_told boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN submission_jobs.absent_ms IS 'since when the system answers that there is no such job; null while it does not';
COMMENT ON COLUMN submission_jobs.absent_seen IS 'how many times in a row it was found absent, up to as many as prove something';
COMMENT ON COLUMN submission_jobs.silent_ms IS 'since when no clear answer came about it; null while one comes';
COMMENT ON COLUMN submission_jobs.silent_told IS 'whether the silence is an open problem';
UPDATE submission_jobs j SET absent_ms = b.absent_ms, absent_seen = b.absent_seen
  FROM submissions b WHERE b.id = j.submission_id AND b.absent_ms IS NOT NULL;
ALTER TABLE submissions DROP COLUMN absent_ms, DROP COLUMN absent_seen;
`;

/** Specs on record are read as they were applied: what they lack gets its default here. */
const PATIENCE = `
UPDATE generations SET loaded = jsonb_set(loaded, '{site,unknownAfterSeconds}', '86400')
  WHERE loaded #> '{site,unknownAfterSeconds}' IS NULL;
`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(ABSENCE);
  await knex.raw(PATIENCE);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE submissions ADD COLUMN absent_ms bigint, ADD COLUMN absent_seen integer NOT NULL DEFAULT 0;
    COMMENT ON COLUMN submissions.absent_ms IS 'since when the system answers that it does not exist; null while it does';
    COMMENT ON COLUMN submissions.absent_seen IS 'how many times in a row it was found absent';
    ALTER TABLE submission_jobs DROP COLUMN absent_ms, DROP COLUMN absent_seen, DROP COLUMN silent_ms,
      DROP COLUMN silent_told;`);
}
