/** Sums of bytes of a dataset: what lies where, what is on its way, what is still to come. */
import type { Knex } from 'knex';
import { FILE_STATES, type FileState } from '../machines/model.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import type { ByteTotals } from '../reconcilers/model/totals.ts';

/** Sum the sizes of a dataset's files. */
export async function readBytes(knex: Knex, dataset: DatasetRow): Promise<ByteTotals> {
  const { id } = dataset;
  const inputs = await knex.raw(
    `SELECT s.state, COALESCE(sum(d.size_bytes), 0) AS bytes,
       COALESCE(sum(d.size_bytes) FILTER (WHERE l.file_id IS NOT NULL), 0) AS arriving
     FROM input_states s JOIN file_details d ON d.id = s.file_id
     LEFT JOIN live_attempts l ON l.file_id = s.file_id AND l.phase = 'transfer'
     WHERE s.dataset_id = ? AND s.retired_ms IS NULL GROUP BY s.state`,
    [id],
  );
  const outputs = await knex.raw(
    `SELECT o.output_key AS key, COALESCE(sum(d.size_bytes), 0) AS bytes, COALESCE(sum(p.size_bytes), 0) AS parents,
       COALESCE(sum(d.size_bytes) FILTER (WHERE l.file_id IS NOT NULL), 0) AS leaving,
       COALESCE(sum(d.size_bytes) FILTER (WHERE o.state NOT IN ('copied', 'deleted')), 0) AS unexported
     FROM output_states o JOIN file_details d ON d.id = o.file_id JOIN file_details p ON p.id = d.parent_id
     LEFT JOIN live_attempts l ON l.file_id = o.file_id AND l.phase = 'export'
     WHERE o.dataset_id = ? AND o.state <> 'lost' GROUP BY o.output_key`,
    [id],
  );
  return {
    inputs: byState(inputs.rows),
    arriving: inputs.rows.reduce((sum: number, row: InputBytes) => sum + row.arriving, 0),
    leaving: byKey(outputs.rows, (row) => row.leaving),
    unexported: byKey(outputs.rows, (row) => row.unexported),
    ratios: byKey(
      outputs.rows.filter((row: OutputBytes) => row.parents > 0),
      (row) => row.bytes / row.parents,
    ),
  };
}

interface InputBytes {
  readonly state: FileState;
  readonly bytes: number;
  readonly arriving: number;
}

interface OutputBytes {
  readonly key: string;
  readonly bytes: number;
  readonly parents: number;
  readonly leaving: number;
  readonly unexported: number;
}

function byState(rows: readonly InputBytes[]): ByteTotals['inputs'] {
  const bytes = (state: FileState) => rows.find((row) => row.state === state)?.bytes ?? 0;
  // Object.fromEntries forgets that every state is among its keys.
  return Object.fromEntries(FILE_STATES.map((state) => [state, bytes(state)])) as ByteTotals['inputs'];
}

function byKey(
  rows: readonly OutputBytes[],
  value: (row: OutputBytes) => number,
): Readonly<Record<string, number>> {
  return Object.fromEntries(rows.map((row) => [row.key, value(row)]));
}
