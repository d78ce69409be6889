/**
 * Who may write for a dataset and phase.
 *
 * A lease ends with its time or with its holder's connection: the server itself
 * knows that a killed process is gone, so that nobody waits for it.
 */
import type { Knex } from 'knex';
import type { Phase } from '../machines/model.ts';
import { type Lease, LeaseLost, type LeaseTaken } from '../reconcilers/model/records.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import type { Session } from './session.ts';
import { rowsOf } from './typed.ts';

/** Longer than any driver call between two renewals. */
export const LEASE_MS = 180_000;

/** Take the lease, renew it when it is ours, or learn who has it. */
export async function takeLease(
  knex: Knex,
  session: Session,
  dataset: DatasetRow,
  phase: Phase,
  claim: { readonly holder: string; readonly nowMs: number },
): Promise<Lease | LeaseTaken> {
  const { pid, start } = await session.identity();
  const [lease] = await rowsOf<{ readonly epoch: number }>(
    knex,
    `INSERT INTO leases AS l (dataset_id, phase, holder, backend_pid, backend_start, epoch, expires_ms)
     VALUES (:dataset, :phase, :holder, :pid, :start, 1, :expires)
     ON CONFLICT (dataset_id, phase) DO UPDATE SET holder = EXCLUDED.holder, backend_pid = EXCLUDED.backend_pid,
       backend_start = EXCLUDED.backend_start, epoch = l.epoch + 1, expires_ms = EXCLUDED.expires_ms
     WHERE l.expires_ms < :now OR NOT EXISTS (SELECT 1 FROM pg_stat_activity a
       WHERE a.pid = l.backend_pid AND CAST(a.backend_start AS text) = l.backend_start)
     RETURNING epoch`,
    {
      dataset: dataset.id,
      phase,
      holder: claim.holder,
      pid,
      start,
      now: claim.nowMs,
      expires: claim.nowMs + LEASE_MS,
    },
  );
  if (lease !== undefined) return { dataset: dataset.name, phase, epoch: lease.epoch, lastsMs: LEASE_MS };

  const [taken] = await rowsOf<{ readonly holder: string }>(
    knex,
    'SELECT holder FROM leases WHERE dataset_id = ? AND phase = ?',
    [dataset.id, phase],
  );
  return { takenBy: taken?.holder ?? 'somebody who has just let go' };
}

/**
 * Hold on to a lease, and lock its row until the caller's transaction ends, so
 * that nobody can take it over in the middle of a write.
 *
 * @throws LeaseLost when it has another epoch by now
 */
export async function confirmLease(knex: Knex, lease: Lease, nowMs: number): Promise<void> {
  const { rowCount } = await knex.raw(
    `UPDATE leases SET expires_ms = ? WHERE phase = ? AND epoch = ? AND expires_ms > 0
       AND dataset_id = (SELECT id FROM datasets WHERE name = ?)`,
    [nowMs + LEASE_MS, lease.phase, lease.epoch, lease.dataset],
  );
  if (Number(rowCount) !== 1) {
    const { dataset, phase, epoch } = lease;
    throw new LeaseLost(`the lease of ${dataset}/${phase} was taken over (epoch ${epoch})`);
  }
}

/** Let go; nothing happens when it was taken over already. */
export async function releaseLease(knex: Knex, lease: Lease): Promise<void> {
  await knex.raw(
    `UPDATE leases SET expires_ms = 0 WHERE phase = ? AND epoch = ?
       AND dataset_id = (SELECT id FROM datasets WHERE name = ?)`,
    [lease.phase, lease.epoch, lease.dataset],
  );
}

/**
 * End every lease, whoever had it, and let the next epochs be above all that were
 * ever given out here: nobody's belief in an older one comes true again.
 *
 * @param highest  the highest epoch in the tables that these take the place of
 */
export async function endLeases(knex: Knex, highest: number): Promise<void> {
  for (const table of ['leases', 'site_leases']) {
    await knex.raw(`UPDATE ${table} SET expires_ms = 0, epoch = GREATEST(epoch, ?) + 1`, [highest]);
  }
}
