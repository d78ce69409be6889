/** Inputs that a person may mean when something is waived. */
import type { Knex } from 'knex';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import type { NamedInput } from '../reconcilers/model/waivers.ts';
import { COLUMNS } from './rows.ts';
import { groupId } from './waived.ts';

/** What was named: a file by its number, a run, or a group of errors. */
export type Meant = { readonly file: number } | { readonly run: number } | { readonly group: string };

/** How many events the attempt read or skipped behind what counts of an input. */
const ACCOUNTED = `(SELECT COALESCE(a.events_read, 0) + COALESCE(a.events_skipped, 0) FROM attempts a
  WHERE a.id = COALESCE(s.accepted_attempt, (SELECT max(o.attempt_id) FROM accepted_outputs c JOIN file_details o ON o.id = c.output_id
    WHERE c.input_id = s.file_id)))`;

/** Those of a dataset; of a run and a group only what has failed. In the order they were recorded. */
export async function readWaivable(
  knex: Knex,
  { id }: DatasetRow,
  meant: Meant,
): Promise<readonly NamedInput[]> {
  const failed = "s.state = 'error' AND s.retired_ms IS NULL";
  const of =
    'file' in meant
      ? 's.file_id = :file'
      : 'run' in meant
        ? `d.run = :run AND ${failed}`
        : `${groupId('s', "'input'")} = :group AND ${failed}`;
  const { rows } = await knex.raw(
    `SELECT ${COLUMNS.input}, ${ACCOUNTED} AS accounted FROM input_states s JOIN file_details d ON d.id = s.file_id
     WHERE s.dataset_id = :dataset AND ${of} ORDER BY s.file_id`,
    { dataset: id, ...meant },
  );
  return rows.map(({ accounted, ...input }: NamedInput['input'] & Pick<NamedInput, 'accounted'>) => ({
    input,
    accounted,
  }));
}

/** The datasets that have inputs of a run. */
export async function datasetsOfRun(knex: Knex, run: number): Promise<readonly string[]> {
  const { rows } = await knex.raw(
    `SELECT DISTINCT t.name FROM file_details d JOIN datasets t ON t.id = d.dataset_id
     WHERE d.kind = 'input' AND d.run = ? ORDER BY t.name`,
    [run],
  );
  return rows.map((row: { name: string }) => row.name);
}

/** The dataset that has a group of failed inputs; undefined where none has. */
export async function datasetOfGroup(knex: Knex, group: string): Promise<string | undefined> {
  const { rows } = await knex.raw(
    `SELECT t.name FROM input_states s JOIN datasets t ON t.id = s.dataset_id
     WHERE s.state = 'error' AND s.retired_ms IS NULL AND ${groupId('s', "'input'")} = ? LIMIT 1`,
    [group],
  );
  return rows[0]?.name;
}
