/**
 * By what each job proved the bytes it read, and what a raw copy had when it was verified,
 * for the inputs of which no catalog knows a checksum.
 */
import type { Knex } from 'knex';

const CHECKSUMS = `
ALTER TABLE attempts ADD COLUMN input_checksum text;
COMMENT ON COLUMN attempts.input_checksum IS 'process: the checksum by which the job proved its input, or "unchecked: " and why; null: it did not say';
ALTER TABLE file_details ADD COLUMN seen_checksum text;
COMMENT ON COLUMN file_details.seen_checksum IS 'inputs: the checksum its copy had when it was verified, where no catalog knows one; null: its bytes were not read then';
`;

/** Specs on record are read as they were applied: what they lack gets its default here. */
const LIMIT = `
UPDATE generations SET loaded = jsonb_set(loaded, '{spec,job,awkChecksumUpToBytes}', '200000000')
  WHERE loaded #> '{spec,job,awkChecksumUpToBytes}' IS NULL;
`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(CHECKSUMS);
  await knex.raw(LIMIT);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE attempts DROP COLUMN input_checksum;
    ALTER TABLE file_details DROP COLUMN seen_checksum;`);
}
