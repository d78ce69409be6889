import type { Knex } from 'knex';
import type { DatasetRow, InputRow, OutputRow } from '../reconcilers/decide/rows.ts';
import { COLUMNS } from './rows.ts';

/** Which files a person means. */
export interface Selection {
  /** Names of inputs or outputs; empty: all. */
  readonly names: readonly string[];
  /** Only failures whose signature contains one of these texts; empty: all. */
  readonly groups: readonly string[];
}

/** Files of a dataset that are in error, running, or have trouble, among those a person means. */
export async function selectTroubled(
  knex: Knex,
  dataset: DatasetRow,
  { names, groups }: Selection,
): Promise<{ readonly inputs: readonly InputRow[]; readonly outputs: readonly OutputRow[] }> {
  const values = {
    dataset: dataset.id,
    names: [...names],
    any: names.length === 0,
    groups: [...groups],
    anyGroup: groups.length === 0,
  };
  const among = `s.dataset_id = :dataset AND (CAST(:any AS boolean) OR d.name = ANY(:names))
    AND (CAST(:anyGroup AS boolean) OR EXISTS (
      SELECT FROM unnest(CAST(:groups AS text[])) g WHERE position(g IN COALESCE(s.signature, '')) > 0))`;
  const inputs = await knex.raw(
    `SELECT ${COLUMNS.input} FROM input_states s JOIN file_details d ON d.id = s.file_id
     WHERE ${among} AND (s.state = 'error' OR (s.state = 'running' AND NOT CAST(:any AS boolean))) ORDER BY d.id`,
    values,
  );
  const outputs = await knex.raw(
    `SELECT ${COLUMNS.output} FROM output_states s JOIN file_details d ON d.id = s.file_id
     WHERE ${among} AND s.class IS NOT NULL ORDER BY d.id`,
    values,
  );
  return { inputs: inputs.rows, outputs: outputs.rows };
}
