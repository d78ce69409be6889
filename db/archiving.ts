/** Reading what the archive phase is about: submissions that are in no archive, and archives that were begun. */
import type { Knex } from 'knex';
import type { ArchiveRow, DatasetRow, SubmissionRow } from '../reconcilers/model/rows.ts';
import { COLUMNS } from './rows.ts';

/** Submissions after this id that are over and in no archive, in id order. */
export async function closedSubmissions(
  knex: Knex,
  { id }: DatasetRow,
  after: number,
  limit: number,
): Promise<SubmissionRow[]> {
  const { rows } = await knex.raw(
    `SELECT ${COLUMNS.submission} FROM submissions b
     WHERE b.dataset_id = :dataset AND b.id > :after AND b.state = 'closed' AND b.archive_id IS NULL
     ORDER BY b.id LIMIT :limit`,
    { dataset: id, after, limit },
  );
  return rows;
}

/** Those of the wanted submissions that are still in no archive, in id order. */
export async function unarchivedSubmissions(
  knex: Knex,
  dataset: DatasetRow,
  wanted: readonly number[],
): Promise<SubmissionRow[]> {
  const { rows } = await knex.raw(
    `SELECT ${COLUMNS.submission} FROM submissions b
     WHERE b.dataset_id = ? AND b.id = ANY(?) AND b.archive_id IS NULL ORDER BY b.id`,
    [dataset.id, [...wanted]],
  );
  return rows;
}

/**
 * Archives after this id that are not on record as stored, in id order. One that an older
 * program began is not among them: it did not note what was to be in it.
 */
export async function begunArchives(
  knex: Knex,
  { id }: DatasetRow,
  after: number,
  limit: number,
): Promise<ArchiveRow[]> {
  const { rows } = await knex.raw(
    `SELECT a.id, a.store, a.path,
       (SELECT jsonb_agg(jsonb_build_object('id', b.id, 'name', b.name) ORDER BY b.id)
         FROM submissions b WHERE b.dataset_id = :dataset AND b.archive_id = a.id) AS submissions
     FROM archives a WHERE a.dataset_id = :dataset AND a.id > :after AND a.state = 'intended'
       AND EXISTS (SELECT 1 FROM submissions b WHERE b.dataset_id = :dataset AND b.archive_id = a.id)
     ORDER BY a.id LIMIT :limit`,
    { dataset: id, after, limit },
  );
  return rows;
}
