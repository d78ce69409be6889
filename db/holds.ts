/** Holds as rows: begun once, ended once, and each of both in the history of every dataset it concerns. */
import type { Knex } from 'knex';
import { BY_RULE, type HoldCode, type HoldEnd } from '../machines/model.ts';
import type { Hold, HoldFound, HoldTarget } from '../reconcilers/model/holds.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';

const FIELDS = `'id', h.id, 'scope', h.scope, 'of', COALESCE(h.site, t.name), 'name', h.name, 'code', h.code,
  'reason', h.reason, 'by', h.begun_by, 'sinceMs', h.since_ms`;

/** The holds that last and concern a dataset, as JSON; the aliases are t (datasets) and g (its generation in force). */
export const HOLDS = `COALESCE((SELECT jsonb_agg(jsonb_build_object(${FIELDS}) ORDER BY h.id) FROM holds h
  WHERE h.ended_ms IS NULL AND (h.dataset_id = t.id OR h.site = g.loaded #>> '{site,name}')), '[]')`;

/** The holds that last and concern a dataset, as of now. */
export async function readHolds(knex: Knex, { id }: DatasetRow): Promise<readonly Hold[]> {
  const { rows } = await knex.raw(
    `SELECT ${HOLDS} AS holds FROM datasets t
     JOIN generations g ON g.dataset_id = t.id AND g.number = t.generation WHERE t.id = ?`,
    [id],
  );
  return rows[0]?.holds ?? [];
}

/** Who begins or ends holds, by which program, and when. */
export interface HoldBy {
  /** The person, or `rereco`. */
  readonly by: string;
  /** Who writes: command, host and process. */
  readonly holder: string;
  readonly nowMs: number;
}

/** What is to be held, why, and by what. */
export interface NewHold {
  /** Its dataset; null for what is a site's. */
  readonly datasetId: number | null;
  readonly target: HoldTarget;
  readonly code: HoldCode;
  readonly reason: string;
}

/** Begin a hold. @returns whether it began now; false: it lasts already, and stays as it is */
export async function beginHold(tx: Knex, { datasetId, target, code, reason }: NewHold, by: HoldBy) {
  const { rows } = await tx.raw(
    `INSERT INTO holds (scope, dataset_id, site, name, code, reason, begun_by, since_ms)
     VALUES (:scope, :datasetId, :site, :name, :code, :reason, :by, :now)
     ON CONFLICT (scope, COALESCE(dataset_id, 0), COALESCE(site, ''), name, code) WHERE ended_ms IS NULL DO NOTHING
     RETURNING id`,
    {
      ...{ scope: target.scope, datasetId, site: datasetId === null ? target.of : null, name: target.name },
      ...{ code, reason, by: by.by, now: by.nowMs },
    },
  );
  const [begun] = rows;
  if (begun === undefined) return false;
  await writeHistory(
    tx,
    begun.id,
    { from: 'open', to: heldAs(code), fact: 'hold.began', because: reason },
    by,
  );
  return true;
}

const heldAs = (code: HoldCode) => (code === 'suspended.byPerson' ? 'suspended' : 'held');

/** End a hold that lasts. @returns whether it ended now */
export async function endHold(
  tx: Knex,
  { id, code }: Pick<Hold, 'id' | 'code'>,
  { ended, because }: { readonly ended: HoldEnd; readonly because: string },
  by: HoldBy,
): Promise<boolean> {
  const count = await tx('holds')
    .where({ id, ended_ms: null })
    .update({ ended_ms: by.nowMs, ended, ended_by: by.by, ended_because: because });
  if (count === 0) return false;
  await writeHistory(tx, id, { from: heldAs(code), to: 'open', fact: 'hold.ended', because }, by);
  return true;
}

/**
 * End a hold that lasts on a person's word. What has failed until now no longer counts for it; a doubt
 * about members is let pass until it is another one.
 */
export async function resumeHold(knex: Knex, hold: Hold, because: string, by: HoldBy): Promise<boolean> {
  return knex.transaction(async (tx) => {
    const ended = await endHold(tx, hold, { ended: 'resumed', because }, by);
    if (ended && hold.code === 'held.members') {
      await tx('datasets').where({ name: hold.of }).update({ members_kept: hold.reason });
    }
    return ended;
  });
}

/**
 * Write what rules find of their holds of a whole dataset; one that lasts may have another reason by now.
 *
 * @param by  by whom those end whose cause is gone, and why
 */
export async function noteHolds(
  tx: Knex,
  dataset: DatasetRow,
  found: readonly HoldFound[],
  { because, ...by }: HoldBy & { readonly because: string },
): Promise<void> {
  const target = { scope: 'dataset', of: dataset.name, name: '' } as const;
  for (const { code, reason } of found) {
    const open = (await readHolds(tx, dataset)).find((one) => one.scope === 'dataset' && one.code === code);
    if (reason === null) {
      if (open !== undefined) await endHold(tx, open, { ended: 'over', because }, by);
    } else if (open === undefined) {
      await beginHold(tx, { datasetId: dataset.id, target, code, reason }, { ...by, by: BY_RULE });
    } else await tx('holds').where({ id: open.id }).whereNot({ reason }).update({ reason });
  }
}

interface HoldMove {
  readonly from: string;
  readonly to: string;
  readonly fact: string;
  readonly because: string;
}

/** One row for each dataset that a hold concerns. */
async function writeHistory(tx: Knex, id: number, move: HoldMove, { by, holder, nowMs }: HoldBy) {
  const { because, ...moved } = move;
  await tx.raw(
    `WITH h AS (SELECT * FROM holds WHERE id = :id),
       concerned AS (SELECT t.id FROM h, datasets t JOIN generations g ON g.dataset_id = t.id AND g.number = t.generation
         WHERE t.id = h.dataset_id OR (t.released_ms IS NULL AND g.loaded #>> '{site,name}' = h.site)),
       pass AS (INSERT INTO passes (dataset_id, phase, holder, epoch, at_ms)
         SELECT id, 'holds', :holder, 0, :now FROM concerned RETURNING id, dataset_id)
     INSERT INTO transitions (dataset_id, from_state, to_state, phase, fact, because, at_ms, pass_id)
     SELECT p.dataset_id, CAST(:from AS text), CAST(:to AS text), CASE WHEN h.scope = 'phase' THEN h.name END, CAST(:fact AS text),
       CASE h.scope WHEN 'system' THEN h.name || ' of ' || h.site || ', ' WHEN 'node' THEN 'node ' || h.name || ' of ' || h.site || ', '
         ELSE '' END || 'by ' || CAST(:by AS text) || ': ' || CAST(:because AS text),
       CAST(:now AS bigint), p.id FROM pass p, h`,
    { id, holder, by, now: nowMs, because, ...moved },
  );
}
