import type { Knex } from 'knex';
import { CATALOG_CONTRADICTS, SOURCE_CONTRADICTS } from '../machines/problems.ts';
import type { DatasetRow, InputRow, OutputRow } from '../reconcilers/model/rows.ts';
import { COLUMNS } from './rows.ts';
import { groupId, WAIVED } from './waived.ts';

/** Which files a person means. */
export interface Selection {
  /** Names of inputs or outputs; empty: all. */
  readonly names: readonly string[];
  /** Only failures whose signature contains one of these texts, or of a group of one of these names; empty: all. */
  readonly groups: readonly string[];
}

/** What a person means, by what can be done about it. */
export interface Troubled {
  readonly inputs: readonly InputRow[];
  readonly outputs: readonly OutputRow[];
  /**
   * Inputs that were verified with something else than their source, or the catalog, now
   * says; their reason is that. Only those that are named, or meant by a group: what was
   * made of them is put away.
   */
  readonly replaced: readonly InputRow[];
}

/**
 * Files of a dataset that are in error, running, or have trouble, among those a person means.
 *
 * An output is meant by its own name or its input's; by its own name also when nothing is
 * known to be wrong with its copies, so that they are looked at.
 */
export async function selectTroubled(
  knex: Knex,
  dataset: DatasetRow,
  { names, groups }: Selection,
): Promise<Troubled> {
  const values = {
    dataset: dataset.id,
    names: [...names],
    any: names.length === 0,
    groups: [...groups],
    contradictions: [CATALOG_CONTRADICTS, SOURCE_CONTRADICTS],
    anyGroup: groups.length === 0,
  };
  const inGroups = (
    of: 'input' | 'output',
  ) => `(CAST(:anyGroup AS boolean) OR ${groupId('s', `'${of}'`)} = ANY(:groups) OR EXISTS (
    SELECT FROM unnest(CAST(:groups AS text[])) g WHERE position(g IN COALESCE(s.signature, '')) > 0))`;
  // What a person has waived is settled, and tried again only where it is named.
  const among = `s.dataset_id = :dataset AND ((CAST(:any AS boolean) AND NOT ${WAIVED}) OR d.name = ANY(:names)) AND ${inGroups('input')}`;
  const inputs = await knex.raw(
    `SELECT ${COLUMNS.input} FROM input_states s JOIN file_details d ON d.id = s.file_id
     WHERE ${among} AND (s.state = 'error' OR (s.state = 'running' AND NOT CAST(:any AS boolean))) ORDER BY d.id`,
    values,
  );
  const replaced = await knex.raw(
    `SELECT ${COLUMNS.input}, p.message AS reason FROM problems p
     JOIN input_states s ON s.file_id = p.file_id JOIN file_details d ON d.id = s.file_id
     WHERE p.dataset_id = :dataset AND p.kind = ANY(:contradictions) AND p.cleared_ms IS NULL
       AND s.state IN ('verified', 'running', 'done', 'copied')
       AND (d.name = ANY(:names) OR EXISTS (
         SELECT FROM unnest(CAST(:groups AS text[])) g WHERE position(g IN p.kind) > 0)) ORDER BY d.id`,
    values,
  );
  const outputs = await knex.raw(
    `SELECT ${COLUMNS.output} FROM output_states s JOIN file_details d ON d.id = s.file_id
     JOIN file_details p ON p.id = d.parent_id
     WHERE s.dataset_id = :dataset AND (
       (s.class IS NOT NULL AND (CAST(:any AS boolean) OR d.name = ANY(:names) OR p.name = ANY(:names))
         AND ${inGroups('output')})
       OR (CAST(:anyGroup AS boolean) AND d.name = ANY(:names) AND s.state IN ('copied', 'deleted')))
     ORDER BY d.id`,
    values,
  );
  const anew = new Set(replaced.rows.map((row: InputRow) => row.id));
  const troubled = inputs.rows.filter((row: InputRow) => !anew.has(row.id));
  return { inputs: troubled, outputs: outputs.rows, replaced: replaced.rows };
}

/** A place at which an output that was lost had its far copy. */
export interface FormerPlace {
  readonly inputId: number;
  readonly store: string;
  readonly path: string;
}

/** The places at which lost outputs of the same inputs had their far copies. */
export async function selectFormerPlaces(
  knex: Knex,
  outputs: readonly Pick<OutputRow, 'inputId'>[],
): Promise<readonly FormerPlace[]> {
  const { rows } = await knex.raw(
    `SELECT d.parent_id AS "inputId", s.far_store AS store, s.far_path AS path
     FROM file_details d JOIN output_states s ON s.file_id = d.id
     WHERE d.kind = 'output' AND d.parent_id = ANY(?) AND s.state = 'lost' AND s.far_path IS NOT NULL
       AND s.far_store IS NOT NULL`,
    [outputs.map((output) => output.inputId)],
  );
  return rows;
}
