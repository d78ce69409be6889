/**
 * No check that the pass of a transition exists: the statement that writes transitions makes
 * their pass. The check took a third of the time of writing them, and more with every pass
 * until somebody analyzed `passes`: it read that table from its beginning for each of them.
 * And an index to find what is in an archive, whose submissions were looked for among all.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE transitions DROP CONSTRAINT IF EXISTS transitions_pass_id_fkey');
  await knex.raw(
    'CREATE INDEX IF NOT EXISTS archived_submissions_archive ON archived_submissions (archive_id)',
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX archived_submissions_archive');
  await knex.raw(
    'ALTER TABLE transitions ADD CONSTRAINT transitions_pass_id_fkey FOREIGN KEY (pass_id) REFERENCES passes',
  );
}
