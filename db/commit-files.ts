/** Writing files: the rows that change, each checked to be as it was read, and outputs at their acceptance. */
import type { Knex } from 'knex';
import { OUTPUT_MACHINE_VERSION } from '../machines/output.ts';
import type { Change, NewOutput } from '../reconcilers/model/change.ts';
import type { OutputRow } from '../reconcilers/model/rows.ts';
import { COLUMNS, WRITTEN } from './rows.ts';
import type { Stamp } from './stamp.ts';
import { updateRows } from './update-rows.ts';

/**
 * Two phases may come upon one file at once, each under its own lease. The state
 * alone does not tell them apart: an intent leaves it as it is, and raises the
 * attempt.
 */
const FILE_ROWS = { asRead: ['state', 'attempt', 'acted_ms'] } as const;

/** Write inputs that changed. */
export async function updateInputs(tx: Knex, { inputs }: Change): Promise<void> {
  await updateRows(tx, { table: 'input_states', key: 'file_id', ...FILE_ROWS }, WRITTEN.inputState, inputs);
}

/** Write outputs that changed. */
export async function updateOutputs(tx: Knex, { outputs }: Change): Promise<void> {
  await updateRows(
    tx,
    { table: 'output_states', key: 'file_id', ...FILE_ROWS },
    WRITTEN.outputState,
    outputs,
  );
}

/** Write what the catalog, or counting, now says of inputs. */
export async function updateDetails(tx: Knex, { details }: Change): Promise<void> {
  if (details.length === 0) return;
  await tx.raw(
    `UPDATE file_details d SET size_bytes = v."sizeBytes", event_count = v."eventCount", checksum = v.checksum,
       seen_checksum = v."seenChecksum"
     FROM jsonb_to_recordset(?::jsonb) AS v("fileId" bigint, "sizeBytes" bigint, "eventCount" bigint, checksum text,
       "seenChecksum" text)
     WHERE d.id = v."fileId"`,
    [JSON.stringify(details)],
  );
}

/** Law 3: the second accepted output of an input, revision and name fails here. */
export async function insertOutputs(
  tx: Knex,
  outputs: readonly NewOutput[],
  stamp: Stamp,
): Promise<OutputRow[]> {
  if (outputs.length === 0) return [];
  const { rows } = await tx.raw(
    `WITH v AS (SELECT nextval('file_ids') AS id, v.* FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS v("inputId" bigint,
         key text, name text, "dataTier" text, run bigint, "sizeBytes" bigint, "eventCount" bigint, checksum text,
         revision text, "attemptId" bigint, store text, path text, "attemptPath" text, metadata jsonb)),
       d AS (INSERT INTO file_details (id, dataset_id, kind, name, data_tier, run, size_bytes, event_count, checksum,
           parent_id, output_key, revision, attempt_id, store, path, attempt_path, metadata, created_ms)
         SELECT id, CAST(:dataset AS bigint), 'output', name, "dataTier", run, "sizeBytes", "eventCount", checksum, "inputId", key,
           revision, "attemptId", store, path, "attemptPath", metadata, CAST(:at AS bigint) FROM v RETURNING *),
       c AS (INSERT INTO accepted_outputs (input_id, revision, output_key, output_id)
         SELECT parent_id, revision, output_key, id FROM d),
       s AS (INSERT INTO output_states (file_id, dataset_id, output_key, state, since_ms, acted_ms, machine_version)
         SELECT id, CAST(:dataset AS bigint), output_key, 'accepted', CAST(:at AS bigint), CAST(:at AS bigint), CAST(:version AS smallint) FROM d RETURNING *)
     SELECT ${COLUMNS.output} FROM d JOIN s ON s.file_id = d.id ORDER BY d.id`,
    {
      rows: JSON.stringify(outputs),
      dataset: stamp.dataset.id,
      at: stamp.atMs,
      version: OUTPUT_MACHINE_VERSION,
    },
  );
  return rows;
}

/** Losing accepted bytes deletes the acceptance, never the history. */
export async function forgetLostOutputs(tx: Knex, change: Change): Promise<void> {
  const lost = change.outputs.filter(({ after }) => after.state === 'lost').map(({ after }) => after.id);
  if (lost.length > 0) await tx.raw('DELETE FROM accepted_outputs WHERE output_id = ANY(?)', [lost]);
}
