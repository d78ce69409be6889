/**
 * The first schema: what is asked (datasets, generations), what there is
 * (files, wide and rarely changed, apart from their states, narrow and without
 * an index on anything that changes), what was tried (submissions, jobs,
 * attempts), and what happened (transitions, passes).
 */
import type { Knex } from 'knex';
import {
  ERROR_CLASSES,
  FAULTS,
  FILE_STATES,
  JOB_STATES,
  OUTPUT_STATES,
  PHASES,
} from '../../machines/model.ts';
import { VIEWS } from './0001-views.ts';
import { commented } from './commented.ts';

const oneOf = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

const ASKED = `
-- This database and what it has made outside; one row.
CREATE TABLE installation (
  one boolean PRIMARY KEY DEFAULT true CHECK (one), -- always true: there is one installation
  id text NOT NULL, -- part of every name made outside; never changes
  serial bigint NOT NULL DEFAULT 0, -- the last number given to a submission; only grows
  created_ms bigint NOT NULL -- when the first migration ran
);

-- A dataset that was asked for, by the name of its spec.
CREATE TABLE datasets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the dataset's number
  name text COLLATE "C" NOT NULL UNIQUE, -- metadata.name of its spec
  request_id bigint NOT NULL UNIQUE, -- the number of its request; part of every job name
  generation integer NOT NULL, -- the generation in force
  source_file text NOT NULL, -- absolute path of the spec file it was last read from
  orphaned_ms bigint, -- since when no spec file asks for it; null while one does
  held_reason text, -- the rule that holds it; null when none does
  held_ms bigint, -- since when it is held
  members_ms bigint -- when its members were last asked for; null before the first answer
);

-- One applied change of a spec.
CREATE TABLE generations (
  dataset_id bigint NOT NULL REFERENCES datasets, -- the dataset
  number integer NOT NULL, -- 1, 2, … for each dataset
  revision text NOT NULL, -- the processing revision: a hash of the fields that change what is produced
  digest text NOT NULL, -- a hash of the whole spec and its site
  loaded jsonb NOT NULL, -- spec and site as applied, defaults filled in
  commit text, -- the git commit of the spec file, where there is one
  author text, -- the author of that commit
  applied_ms bigint NOT NULL, -- when it was applied
  PRIMARY KEY (dataset_id, number)
);
`;

const FILES = `
CREATE SEQUENCE file_ids;

-- What does not change, or rarely, of an input or output file.
CREATE TABLE file_details (
  id bigint PRIMARY KEY DEFAULT nextval('file_ids'), -- the file's number; inputs and outputs share one sequence
  dataset_id bigint NOT NULL REFERENCES datasets, -- the dataset it belongs to
  kind text NOT NULL CHECK (kind IN ('input', 'output')), -- input (raw) or output (DST, TMB, …)
  name text COLLATE "C" NOT NULL, -- the file's name, without a folder
  data_tier text NOT NULL, -- raw, reconstructed, thumbnail, …
  run bigint, -- the run it was taken in; null where nobody knows
  size_bytes bigint, -- the catalog's size of an input; the accepted size of an output
  event_count bigint, -- the catalog's or the counted events of an input; the events written of an output
  checksum text, -- algorithm:hex as the catalog or the store has it
  source_store text, -- inputs: the store it comes from; null when it is only looked for in its own
  source_path text, -- inputs: its path there
  parent_id bigint REFERENCES file_details, -- outputs: the input it was made from
  output_key text, -- outputs: its key in the spec
  revision text, -- outputs: the processing revision that made it
  attempt_id bigint, -- outputs: the attempt that made it
  store text, -- outputs: the store that keeps it
  path text, -- outputs: its final path there
  attempt_path text, -- outputs: its path under the attempt's name, before it is promoted
  metadata jsonb, -- outputs: what the job said of it
  created_ms bigint NOT NULL -- when the row was made
);

CREATE UNIQUE INDEX file_details_input ON file_details (dataset_id, name) WHERE kind = 'input';
CREATE INDEX file_details_output ON file_details (parent_id, revision) WHERE kind = 'output';
CREATE INDEX file_details_name ON file_details (name);

-- Where each input stands; no index on what changes, room in each page (HOT updates).
CREATE TABLE input_states (
  file_id bigint PRIMARY KEY REFERENCES file_details, -- the input
  dataset_id bigint NOT NULL, -- its dataset
  state text NOT NULL CHECK (state IN (${oneOf(FILE_STATES)})), -- where it stands
  phase text CHECK (phase IN (${oneOf(PHASES)})), -- the phase that failed; null outside error
  fault text CHECK (fault IN (${oneOf(FAULTS)})), -- whose answer was at fault when a check failed
  since_ms bigint NOT NULL, -- since when it stands there
  attempt integer NOT NULL DEFAULT 0, -- the number of its last attempt; only grows
  retries_used integer NOT NULL DEFAULT 0, -- failures counted against it; a clean sets it to 0
  site_retries integer NOT NULL DEFAULT 0, -- failures that were not its own, which burn no retry
  class text CHECK (class IN (${oneOf(ERROR_CLASSES)})), -- why it failed last
  signature text, -- the failure without its numbers and names, to group by
  reason text, -- the failure in a sentence
  retry_at_ms bigint, -- when it is tried again; null: not by itself
  acted_ms bigint NOT NULL DEFAULT 0, -- when the last step on it was taken; older observations say nothing
  revision text, -- done, copied: the processing revision it is done under
  accepted_attempt bigint, -- done, copied: the attempt whose result counts
  copy_path text, -- where its raw copy lies in the input store; null when there is none
  retired_ms bigint, -- since when the definition no longer has it; null while it does
  machine_version smallint NOT NULL -- the version of the file machine that wrote the row
) WITH (fillfactor = 50);

CREATE INDEX input_states_page ON input_states (dataset_id, file_id);

-- Where each output stands, and its trouble in publishing or exporting.
CREATE TABLE output_states (
  file_id bigint PRIMARY KEY REFERENCES file_details, -- the output
  dataset_id bigint NOT NULL, -- its dataset
  output_key text NOT NULL, -- its key in the spec
  state text NOT NULL CHECK (state IN (${oneOf(OUTPUT_STATES)})), -- where it stands
  since_ms bigint NOT NULL, -- since when it stands there
  attempt integer NOT NULL DEFAULT 0, -- the number of its last attempt; only grows
  retries_used integer NOT NULL DEFAULT 0, -- failures counted against it
  site_retries integer NOT NULL DEFAULT 0, -- failures that burn no retry
  phase text CHECK (phase IN (${oneOf(PHASES)})), -- the phase it has trouble in; null: none
  class text CHECK (class IN (${oneOf(ERROR_CLASSES)})), -- why it failed last
  signature text, -- the failure without its numbers and names
  reason text, -- the failure in a sentence
  retry_at_ms bigint, -- when it is tried again; null: not by itself
  acted_ms bigint NOT NULL DEFAULT 0, -- when the last step on it was taken
  far_path text, -- where its copy lies in the store it is exported to; null when there is none
  machine_version smallint NOT NULL -- the version of the output machine that wrote the row
) WITH (fillfactor = 50);

CREATE INDEX output_states_page ON output_states (dataset_id, file_id);

-- Law 3: one accepted output for each input, processing revision and output name.
CREATE TABLE accepted_outputs (
  input_id bigint NOT NULL REFERENCES file_details, -- the input
  revision text NOT NULL, -- the processing revision
  output_key text NOT NULL, -- the output's key in the spec
  output_id bigint NOT NULL REFERENCES file_details, -- the one that counts
  PRIMARY KEY (input_id, revision, output_key)
);
`;

const WORK = `
-- What was, or was about to be, created in an outside system by one call.
CREATE TABLE submissions (
  id bigint PRIMARY KEY, -- the number in its name
  name text COLLATE "C" NOT NULL UNIQUE, -- r<request>-<installation>-<n>
  dataset_id bigint NOT NULL REFERENCES datasets, -- the dataset it works for
  phase text NOT NULL CHECK (phase IN (${oneOf(PHASES)})), -- the phase it belongs to
  generation integer NOT NULL, -- the generation it was made under
  site text NOT NULL, -- the site whose limits it counts against
  driver text NOT NULL, -- the driver that carries it out
  endpoint text, -- transfers: "from>to", the stores' names
  state text NOT NULL CHECK (state IN ('intended', 'accepted', 'closed')), -- intended: nobody knows yet whether it exists
  system_id text, -- the outside system's own id
  intended_ms bigint NOT NULL, -- when the intent was committed
  accepted_ms bigint, -- when it was known to exist
  closed_ms bigint, -- when its last attempt ended
  absent_ms bigint, -- since when the system answers that it does not exist; null while it does
  absent_seen integer NOT NULL DEFAULT 0, -- how many times in a row it was found absent
  swept_ms bigint, -- when its leavings were last put away
  archive_id bigint -- the archive its logs are in; null until they are
) WITH (fillfactor = 70);

CREATE INDEX submissions_dataset ON submissions (dataset_id, phase, id);

-- One job of a submission.
CREATE TABLE submission_jobs (
  submission_id bigint NOT NULL REFERENCES submissions, -- its submission
  index integer NOT NULL, -- 0, 1, … within the submission
  type text NOT NULL, -- d0reco, copy, bbftp, …
  status text NOT NULL CHECK (status IN (${oneOf(JOB_STATES)})), -- where it stands
  ref_submission_id bigint, -- the submission of the job it follows
  ref_index integer, -- the index of that job
  ref_kind text CHECK (ref_kind IN ('replaces', 'moves outputs of', 'merges')), -- how it follows it
  since_ms bigint NOT NULL, -- since when it stands there
  exit_code integer, -- as the batch system has it
  signal text, -- the signal that ended it
  batch_state text, -- the batch system's word for its end
  stuck text, -- why it is queued without hope; null when it is not
  node text, -- the worker node
  processor text, -- the worker node's processor model
  cpu_ms bigint, -- CPU time
  wall_ms bigint, -- time from start to end
  peak_memory_bytes bigint, -- the most memory it had
  PRIMARY KEY (submission_id, index)
) WITH (fillfactor = 70);

-- One try of a phase for one file.
CREATE TABLE attempts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the attempt's row
  file_id bigint NOT NULL REFERENCES file_details, -- the file
  dataset_id bigint NOT NULL, -- its dataset
  phase text NOT NULL CHECK (phase IN (${oneOf(PHASES)})), -- the phase
  number integer NOT NULL, -- grows by one for each attempt of the file, whatever the phase
  revision text NOT NULL, -- the processing revision; empty for transfers
  submission_id bigint REFERENCES submissions, -- the submission it is part of
  job_index integer, -- the job in that submission
  path text, -- where its bytes arrive, below the target store's root
  state text NOT NULL CHECK (state IN ('live', 'accepted', 'failed', 'lost', 'refused', 'superseded')), -- how it ended
  opened_ms bigint NOT NULL, -- when its intent was committed
  closed_ms bigint, -- when it ended
  class text CHECK (class IN (${oneOf(ERROR_CLASSES)})), -- why it failed
  signature text, -- the failure without its numbers and names
  reason text, -- the failure in a sentence
  events_read bigint, -- events the job read
  events_skipped bigint, -- events it skipped with a reason
  skips jsonb, -- the reasons: [{events, reason}]
  cpu_ms bigint, -- CPU time spent on this file
  UNIQUE (file_id, number)
) WITH (fillfactor = 70);

CREATE INDEX attempts_submission ON attempts (submission_id);

-- Law 3: one live attempt for each file, processing revision and phase.
CREATE TABLE live_attempts (
  file_id bigint NOT NULL REFERENCES file_details, -- the file
  dataset_id bigint NOT NULL, -- its dataset
  revision text NOT NULL, -- the processing revision; empty for transfers
  phase text NOT NULL, -- the phase
  attempt_id bigint NOT NULL REFERENCES attempts, -- the one that may act
  submission_id bigint, -- its submission, to find its companions
  PRIMARY KEY (file_id, revision, phase)
);

CREATE INDEX live_attempts_submission ON live_attempts (submission_id);

-- One tar of logs, scripts, reports and metadata.
CREATE TABLE archives (
  id bigint PRIMARY KEY, -- drawn from the same numbers as submissions
  dataset_id bigint NOT NULL REFERENCES datasets, -- the dataset
  store text NOT NULL, -- the store it is in
  path text NOT NULL, -- its path there
  size_bytes bigint, -- its size; null until it is stored
  checksum text, -- its checksum
  state text NOT NULL CHECK (state IN ('intended', 'stored')), -- intended: perhaps not there yet
  made_ms bigint NOT NULL -- when it was begun
);

-- What is in an archive, job by job.
CREATE TABLE archived_submissions (
  submission_id bigint PRIMARY KEY REFERENCES submissions, -- the submission
  archive_id bigint NOT NULL REFERENCES archives, -- the archive
  entries jsonb NOT NULL -- the names of its files in the tar
);
`;

const HAPPENED = `
-- A pass that wrote something.
CREATE TABLE passes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the pass
  dataset_id bigint NOT NULL, -- the dataset
  phase text NOT NULL, -- the phase, or the operator's command
  holder text NOT NULL, -- who made it: command, host, process
  epoch bigint NOT NULL, -- the lease's epoch it was made under
  at_ms bigint NOT NULL -- when it began
);

-- Every move of every file and job; never changed, never deleted.
CREATE TABLE transitions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- in the order they were written
  dataset_id bigint NOT NULL, -- the dataset
  file_id bigint, -- the input or output that moved; null for a job
  submission_id bigint, -- the submission of the job that moved; null for a file
  job_index integer, -- that job's index
  from_state text NOT NULL, -- the state it left
  to_state text NOT NULL, -- the state it came to
  phase text, -- the phase at fault, when it came to error
  fact text NOT NULL, -- what was seen to be so
  because text NOT NULL, -- why, in a sentence
  attempt integer, -- the number of the file's attempt at the time
  at_ms bigint NOT NULL, -- when
  pass_id bigint NOT NULL REFERENCES passes -- the pass that saw it
);

CREATE INDEX transitions_file ON transitions (file_id) WHERE file_id IS NOT NULL;
CREATE INDEX transitions_dataset ON transitions (dataset_id, id);

-- Something a person should know of that is no file's state.
CREATE TABLE problems (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the problem
  dataset_id bigint NOT NULL, -- the dataset
  file_id bigint, -- the file it is about; null: the dataset
  phase text NOT NULL, -- the phase that found it
  class text CHECK (class IN (${oneOf(ERROR_CLASSES)})), -- its class
  kind text NOT NULL, -- its signature: what kind of problem
  message text NOT NULL, -- the problem in a sentence
  since_ms bigint NOT NULL, -- when it was first seen
  cleared_ms bigint -- when it was over; null while it lasts
);

CREATE UNIQUE INDEX problems_open ON problems (dataset_id, kind, COALESCE(file_id, 0)) WHERE cleared_ms IS NULL;

-- Who may write for a dataset and phase.
CREATE TABLE leases (
  dataset_id bigint NOT NULL REFERENCES datasets, -- the dataset
  phase text NOT NULL, -- the phase
  holder text NOT NULL, -- command, host and process
  backend_pid integer NOT NULL, -- the holder's connection, whose end ends the lease
  backend_start text NOT NULL, -- when that connection began, as the server has it
  epoch bigint NOT NULL, -- grows by one with each holder; every write checks it
  expires_ms bigint NOT NULL, -- when it may be taken by another; 0: free
  PRIMARY KEY (dataset_id, phase)
);

-- The health of an outside system, as last seen; at most one write a minute.
CREATE TABLE systems (
  site text NOT NULL, -- the site
  name text NOT NULL, -- store, batch system, catalog or mover
  healthy boolean NOT NULL, -- whether it answered
  message text, -- what it said when it did not
  since_ms bigint NOT NULL, -- since when it is so
  seen_ms bigint NOT NULL, -- when it was last asked
  PRIMARY KEY (site, name)
);

-- Where a marker of this installation was written: without it there, a disk is not mounted.
CREATE TABLE marked_places (
  site text NOT NULL, -- the site
  place text NOT NULL, -- spool, or store and its name
  since_ms bigint NOT NULL, -- when the first marker was written there
  PRIMARY KEY (site, place)
);

-- Rows to lock while room under a site-wide limit is taken.
CREATE TABLE site_limits (
  site text NOT NULL, -- the site
  kind text NOT NULL, -- jobs or transfers
  PRIMARY KEY (site, kind)
);
`;

/** Ten letters and digits that begin with a letter: unique enough among the databases of one batch system. */
const NEW_INSTALLATION = `
INSERT INTO installation (id, created_ms)
SELECT chr(97 + floor(random() * 26)::int) || substr(md5(random()::text || clock_timestamp()::text), 1, 7), $$now$$;
`;

export async function up(knex: Knex): Promise<void> {
  const { rows } = await knex.raw(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
  );
  const now = String(rows[0].now);
  for (const blocks of [ASKED, FILES, WORK, HAPPENED, VIEWS]) await knex.raw(commented(blocks));
  await knex.raw(NEW_INSTALLATION.replace('$$now$$', now));
}

export async function down(): Promise<void> {
  throw new Error(
    'not reversible: the first schema holds the whole campaign; drop the schema by hand instead',
  );
}
