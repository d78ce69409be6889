/** What the rules need to be asked about one file, and where it stands among the others. */
import type { Knex } from 'knex';
import type { FileId, Phase } from '../../machines/model.ts';
import type { DatasetRow, InputRow, OutputRow, Page } from '../../reconcilers/model/rows.ts';
import type { PageScope } from '../../reconcilers/model/scope.ts';
import { EMPTY, rereadPage } from '../pages.ts';
import { COLUMNS } from '../rows.ts';

/** Inputs as they are on record, in the order of their ids. */
export async function readInputs(knex: Knex, ids: readonly FileId[]): Promise<readonly InputRow[]> {
  const { rows } = await knex.raw(
    `SELECT ${COLUMNS.input} FROM input_states s JOIN file_details d ON d.id = s.file_id
     WHERE s.file_id = ANY(?) ORDER BY s.file_id`,
    [[...ids]],
  );
  return rows;
}

/** Outputs likewise. */
export async function readOutputs(knex: Knex, ids: readonly FileId[]): Promise<readonly OutputRow[]> {
  const { rows } = await knex.raw(
    `SELECT ${COLUMNS.output} FROM output_states s JOIN file_details d ON d.id = s.file_id
     WHERE s.file_id = ANY(?) ORDER BY s.file_id`,
    [[...ids]],
  );
  return rows;
}

/** One input as it is on record. */
export async function readInput(knex: Knex, id: FileId): Promise<InputRow | undefined> {
  return (await readInputs(knex, [id]))[0];
}

/** One output as it is on record. */
export async function readOutput(knex: Knex, id: FileId): Promise<OutputRow | undefined> {
  return (await readOutputs(knex, [id]))[0];
}

/** The outputs of an input that count now, in the order they were made. */
export async function readOutputsOf(knex: Knex, inputId: number): Promise<readonly OutputRow[]> {
  const { rows } = await knex.raw(
    `SELECT ${COLUMNS.output} FROM accepted_outputs c
     JOIN file_details d ON d.id = c.output_id JOIN output_states s ON s.file_id = d.id
     WHERE c.input_id = ? ORDER BY d.id`,
    [inputId],
  );
  return rows;
}

/** The page a pass would read, with only these files on it. */
export function readFilePage(
  knex: Knex,
  dataset: DatasetRow,
  scope: PageScope,
  files: Partial<Pick<Page, 'inputs' | 'outputs'>>,
): Promise<Page> {
  return rereadPage(knex, dataset, { ...EMPTY, ...files, lastId: 0 }, scope);
}

/** How many inputs in this state nobody works on yet are looked at before this one. */
export async function countAhead(
  knex: Knex,
  dataset: DatasetRow,
  file: { readonly id: number; readonly state: string; readonly phase: Phase },
): Promise<number> {
  const { rows } = await knex.raw(
    `SELECT count(*) AS files FROM input_states s
     WHERE s.dataset_id = :dataset AND s.state = :state AND s.retired_ms IS NULL AND s.file_id < :id
       AND NOT EXISTS (SELECT 1 FROM live_attempts l WHERE l.file_id = s.file_id AND l.phase = :phase)`,
    { dataset: dataset.id, ...file },
  );
  return rows[0].files;
}

/** How an attempt of a file failed last. */
export interface LastFailure {
  readonly phase: Phase;
  readonly number: number;
  readonly state: string;
  readonly class: string | null;
  readonly reason: string | null;
  readonly submission: string | null;
  readonly closedMs: number | null;
}

/** The last attempt of a file that did not go well; undefined when all did. */
export async function readLastFailure(knex: Knex, fileId: number): Promise<LastFailure | undefined> {
  const { rows } = await knex.raw(
    `SELECT a.phase, a.number, a.state, a.class, a.reason, a.closed_ms AS "closedMs",
       CASE WHEN b.name IS NULL THEN NULL ELSE b.name || ':' || COALESCE(a.job_index, 0) END AS submission
     FROM attempts a LEFT JOIN submissions b ON b.id = a.submission_id
     WHERE a.file_id = ? AND a.state IN ('failed', 'lost', 'refused') ORDER BY a.number DESC LIMIT 1`,
    [fileId],
  );
  return rows[0];
}
