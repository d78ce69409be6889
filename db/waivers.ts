/** Entries about waived events: one is written when a person waives, another when it is taken back. */
import type { Knex } from 'knex';
import { BY_RULE, type FileId } from '../machines/model.ts';
import type { Change } from '../reconcilers/model/change.ts';
import type { NewWaiver } from '../reconcilers/model/waivers.ts';
import type { Stamp } from './stamp.ts';

/** Write entries. @returns their numbers, by file */
export async function insertWaivers(
  tx: Knex,
  entries: readonly NewWaiver[],
  { dataset, atMs }: Pick<Stamp, 'dataset' | 'atMs'>,
): Promise<ReadonlyMap<FileId, number>> {
  if (entries.length === 0) return new Map();
  const { rows } = await tx.raw(
    `INSERT INTO waivers (dataset_id, file_id, kind, events, named, signed_by, because, at_ms)
     SELECT CAST(:dataset AS bigint), v."fileId", v.kind, v.events, v.named, v.by, v.because, CAST(:at AS bigint)
     FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS v("fileId" bigint, kind text, events bigint, named text, by text, because text)
     RETURNING file_id AS "fileId", id`,
    { dataset: dataset.id, at: atMs, rows: JSON.stringify(entries) },
  );
  return new Map(rows.map(({ fileId, id }: { fileId: number; id: number }) => [fileId, id]));
}

/** The columns of an entry that takes back another (w); what follows them is who says so, why, and when. */
export const REVERSING = 'w.dataset_id, w.file_id, w.kind, -w.events, w.id, w.named';
export const REVERSED = 'dataset_id, file_id, kind, events, reverses_id, named, signed_by, because, at_ms';

/** Take back the entries of inputs that no longer have theirs: most were processed after all. */
export async function reverseWaivers(tx: Knex, { inputs }: Change, stamp: Stamp): Promise<void> {
  const over = inputs.flatMap(({ before, after }) =>
    before.waiverId !== null && after.waiverId === null
      ? [{ id: before.waiverId, attempt: after.attempt, state: after.state }]
      : [],
  );
  if (over.length === 0) return;
  const { dataset, phase, holder, epoch, atMs } = stamp;
  await tx.raw(
    `WITH over AS (SELECT * FROM jsonb_to_recordset(CAST(:over AS jsonb)) AS v(id bigint, attempt int, state text)),
       back AS (INSERT INTO waivers (${REVERSED})
         SELECT ${REVERSING}, :by, CASE WHEN v.state = 'done' THEN 'processed after all, by attempt ' || v.attempt
             ELSE 'the result that it was about counts no more' END, CAST(:at AS bigint)
         FROM over v JOIN waivers w ON w.id = v.id RETURNING file_id, reverses_id, because),
       pass AS (INSERT INTO passes (dataset_id, phase, holder, epoch, at_ms) VALUES (:dataset, :phase, :holder, :epoch, :at) RETURNING id)
     INSERT INTO transitions (dataset_id, file_id, from_state, to_state, fact, because, attempt, at_ms, pass_id)
     SELECT CAST(:dataset AS bigint), b.file_id, v.state, v.state, 'waiver.reversed', 'its waiver is taken back: ' || b.because,
       v.attempt, CAST(:at AS bigint), pass.id
     FROM pass, back b JOIN over v ON v.id = b.reverses_id`,
    { over: JSON.stringify(over), by: BY_RULE, at: atMs, dataset: dataset.id, phase, holder, epoch },
  );
}

/** An entry that stands. */
export interface StandingWaiver {
  readonly by: string;
  readonly because: string;
  readonly named: string;
  readonly events: number | null;
  readonly atMs: number;
}

/** An entry by its number. */
export async function readWaiver(knex: Knex, id: number): Promise<StandingWaiver | undefined> {
  const { rows } = await knex.raw(
    'SELECT signed_by AS by, because, named, events, at_ms AS "atMs" FROM waivers WHERE id = ?',
    [id],
  );
  return rows[0];
}
