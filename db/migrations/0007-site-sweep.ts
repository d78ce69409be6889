/**
 * The sweep belongs to a site: who may sweep it, what it found in the stores that
 * is nobody's work any more, and which archives' folders have left the spool.
 */
import type { Knex } from 'knex';
import { commented } from './commented.ts';

const TABLES = `
-- Who may sweep a site.
CREATE TABLE site_leases (
  site text PRIMARY KEY, -- the site
  holder text NOT NULL, -- command, host and process
  backend_pid integer NOT NULL, -- the holder's connection, whose end ends the lease
  backend_start text NOT NULL, -- when that connection began, as the server has it
  epoch bigint NOT NULL, -- grows by one with each holder; every write checks it
  expires_ms bigint NOT NULL -- when it may be taken by another; 0: free
);

-- What lies in a store under names of ours and is no work under way, as a sweep last listed it.
CREATE TABLE left_in_stores (
  site text NOT NULL, -- the site
  store text NOT NULL, -- the store
  kind text NOT NULL CHECK (kind IN ('quarantine', 'unknown')), -- quarantine: put away; unknown: of attempts that this database does not know
  files bigint NOT NULL, -- how many files
  size_bytes bigint NOT NULL, -- their bytes
  example text NOT NULL, -- the path of one of them
  seen_ms bigint NOT NULL, -- when they were listed
  PRIMARY KEY (site, store, kind)
);
`;

const ARCHIVES = `
ALTER TABLE archives ADD COLUMN dropped_ms bigint;
COMMENT ON COLUMN archives.dropped_ms IS 'when all it holds had left the spool and the drivers; null: perhaps not yet';
COMMENT ON COLUMN submissions.archive_id IS 'the archive its logs are in, or are being put into; null: none yet';
CREATE INDEX archives_undropped ON archives (dataset_id) WHERE dropped_ms IS NULL;
CREATE INDEX submissions_unswept ON submissions (dataset_id) WHERE swept_ms IS NULL;
`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(commented(TABLES));
  await knex.raw(ARCHIVES);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE site_leases, left_in_stores;
    DROP INDEX archives_undropped, submissions_unswept;
    ALTER TABLE archives DROP COLUMN dropped_ms;
    COMMENT ON COLUMN submissions.archive_id IS 'the archive its logs are in; null until they are';`);
}
