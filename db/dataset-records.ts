/** Datasets, their generations and what holds them. */

import type { Knex } from 'knex';
import { BY_RULE } from '../machines/model.ts';
import { type DatasetRecords, NoDataset } from '../reconcilers/model/records.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import type { LoadedDataset } from '../specs/types.ts';
import { readBytes } from './bytes.ts';
import { writeProblem } from './commit.ts';
import { noteHolds } from './holds.ts';
import { COLUMNS } from './rows.ts';
import { readTotals } from './totals.ts';
import { oneRow, rowsOf } from './typed.ts';

/** How a hold by a rule ends where no person ended its cause. */
const CAUSE_GONE = { by: BY_RULE, because: 'its cause is gone' };

/** What is remembered of datasets as a whole. @param holder  who writes, for people */
export function datasetRecords(knex: Knex, holder: string): DatasetRecords {
  return {
    datasets: () => readDatasets(knex),
    dataset: (name) => readDataset(knex, name),
    totals: (dataset) => readTotals(knex, dataset),
    bytes: (dataset) => readBytes(knex, dataset),
    apply: (loaded, now) => knex.transaction((tx) => applyGeneration(tx, loaded, now)),

    noteOrigin: ({ id, generation }, origin) =>
      knex.transaction(async (tx) => {
        await tx.raw(
          `UPDATE generations SET loaded = jsonb_set(loaded, '{origin}', CAST(? AS jsonb))
           WHERE dataset_id = ? AND number = ?`,
          [JSON.stringify(origin), id, generation],
        );
        await tx('datasets').where({ id }).update({ source_file: origin.file });
      }),

    async orphan(dataset, orphaned, now) {
      await knex('datasets')
        .where({ id: dataset.id })
        .update({ orphaned_ms: orphaned ? now : null });
    },

    noteHolds: (dataset, found, nowMs, by = CAUSE_GONE) =>
      knex.transaction((tx) => noteHolds(tx, dataset, found, { ...by, holder, nowMs })),

    tell: (dataset, kind, problem, now, about = 'spec') =>
      writeProblem(knex, { kind, fileId: null, problem }, { datasetId: dataset.id, phase: about, atMs: now }),
  };
}

const DATASETS = `SELECT ${COLUMNS.dataset} FROM datasets t
  JOIN generations g ON g.dataset_id = t.id AND g.number = t.generation`;

/** Every dataset with its generation in force, in name order. */
export async function readDatasets(knex: Knex): Promise<DatasetRow[]> {
  return rowsOf<DatasetRow>(knex, `${DATASETS} ORDER BY t.name`);
}

async function readDataset(knex: Knex, name: string): Promise<DatasetRow> {
  const [row] = await rowsOf<DatasetRow>(knex, `${DATASETS} WHERE t.name = ?`, [name]);
  if (row === undefined) throw new NoDataset(`there is no dataset ${name} on record`);
  return row;
}

async function applyGeneration(tx: Knex, loaded: LoadedDataset, now: number): Promise<DatasetRow> {
  const { spec, origin } = loaded;
  await tx.raw('LOCK TABLE datasets IN SHARE ROW EXCLUSIVE MODE');
  const known = await tx('datasets').where({ name: spec.name }).first('id', 'generation');
  const number = (known?.generation ?? 0) + 1;
  const id = known?.id ?? (await insertDataset(tx, loaded));
  await tx('generations').insert({
    dataset_id: id,
    number,
    revision: loaded.revision,
    digest: loaded.digest,
    loaded: JSON.stringify(loaded),
    commit: origin.commit,
    author: origin.author,
    applied_ms: now,
  });
  await tx('datasets')
    .where({ id })
    .update({ generation: number, source_file: origin.file, orphaned_ms: null });
  return readDataset(tx, spec.name);
}

async function insertDataset(tx: Knex, { spec, origin }: LoadedDataset): Promise<number> {
  const { id } = await oneRow<{ readonly id: number }>(
    tx,
    `INSERT INTO datasets (name, request_id, generation, source_file)
     VALUES (?, COALESCE(?, (SELECT COALESCE(max(request_id), 0) + 1 FROM datasets)), 1, ?) RETURNING id`,
    [spec.name, spec.requestId, origin.file],
  );
  return id;
}
