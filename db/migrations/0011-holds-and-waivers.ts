/**
 * Holds: why something gets no new work, by whom and since when, as rows that stay when they have
 * ended; what held a dataset until now becomes one. And waivers: the events that people have
 * signed off, as entries that are only added to.
 */
import type { Knex } from 'knex';
import { HOLD_CODES, HOLD_ENDS, HOLD_SCOPES, WAIVER_KINDS } from '../../machines/model.ts';
import { commented } from './commented.ts';

const oneOf = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

const TABLES = `
-- Why a dataset, a phase of one, or a system or node of a site gets no new work; a row stays when the hold has ended.
CREATE TABLE holds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- in the order they began
  scope text NOT NULL CHECK (scope IN (${oneOf(HOLD_SCOPES)})), -- what is held
  dataset_id bigint REFERENCES datasets, -- dataset, phase: the dataset; null for what is a site's
  site text, -- system, node: the site; null for what is a dataset's
  name text COLLATE "C" NOT NULL, -- the phase; the system: a store's name, batch, catalog, from>to; the node; empty for a dataset
  code text NOT NULL CHECK (code IN (${oneOf(HOLD_CODES)})), -- suspended.byPerson: by a person; held.…: by a rule
  reason text NOT NULL, -- why, in a sentence
  begun_by text NOT NULL, -- the person, or rereco where a rule holds
  since_ms bigint NOT NULL, -- since when
  ended_ms bigint, -- when it ended; null while it lasts
  ended text CHECK (ended IN (${oneOf(HOLD_ENDS)})), -- resumed: a person ended it, and what failed before counts no more; over: its cause was gone
  ended_by text, -- the person, or rereco
  ended_because text -- why it ended
);

-- What people have waived: an entry a file, and one more where an entry is taken back; rows are only added.
CREATE TABLE waivers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- in the order they were written
  dataset_id bigint NOT NULL REFERENCES datasets, -- the dataset
  file_id bigint NOT NULL REFERENCES file_details, -- the input
  kind text NOT NULL CHECK (kind IN (${oneOf(WAIVER_KINDS)})), -- input: the whole file; difference: what its accepted result lacks
  events bigint, -- the file's events at that moment, negative where they are taken back; null: nobody knew
  reverses_id bigint UNIQUE REFERENCES waivers, -- the entry that is taken back; null: this one waives
  named text NOT NULL, -- what the person named: the file, its run or a group of errors
  signed_by text NOT NULL, -- the person, or rereco where the file was processed after all
  because text NOT NULL, -- why
  at_ms bigint NOT NULL -- when
);
`;

const INDEXES = `
CREATE UNIQUE INDEX holds_open ON holds (scope, COALESCE(dataset_id, 0), COALESCE(site, ''), name, code)
  WHERE ended_ms IS NULL;
CREATE INDEX holds_dataset ON holds (dataset_id, code);
CREATE INDEX waivers_dataset ON waivers (dataset_id, id);
`;

const COLUMNS = `
ALTER TABLE input_states ADD COLUMN waiver_id bigint;
COMMENT ON COLUMN input_states.waiver_id IS 'the entry by which a person has waived it, in force while it is in error and not tried again; null: none, or it was taken back';
ALTER TABLE datasets ADD COLUMN members_kept text;
COMMENT ON COLUMN datasets.members_kept IS 'the doubt about its members in spite of which a person lets it go on with those on record; null: none';
`;

/** One truth: from now on a hold is its row. */
const MEMBERS = `
INSERT INTO holds (scope, dataset_id, name, code, reason, begun_by, since_ms)
SELECT 'dataset', id, '', 'held.members', held_reason, 'rereco', COALESCE(held_ms, members_ms, 0)
FROM datasets WHERE held_reason IS NOT NULL;
ALTER TABLE datasets DROP COLUMN held_reason, DROP COLUMN held_ms;
`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(commented(TABLES));
  for (const part of [INDEXES, COLUMNS, MEMBERS]) await knex.raw(part);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE datasets ADD COLUMN held_reason text, ADD COLUMN held_ms bigint;
    COMMENT ON COLUMN datasets.held_reason IS 'the rule that holds it; null when none does';
    COMMENT ON COLUMN datasets.held_ms IS 'since when it is held';
    UPDATE datasets t SET held_reason = h.reason, held_ms = h.since_ms
      FROM holds h WHERE h.dataset_id = t.id AND h.code = 'held.members' AND h.ended_ms IS NULL;
    ALTER TABLE datasets DROP COLUMN members_kept;
    ALTER TABLE input_states DROP COLUMN waiver_id;
    DROP TABLE waivers, holds;`);
}
