/** Who may sweep a site; a lease ends as one of a dataset and phase does (see leases.ts). */
import type { Knex } from 'knex';
import { LeaseLost, type LeaseTaken } from '../reconcilers/model/records.ts';
import type { SiteLease } from '../reconcilers/model/sweeping.ts';
import { LEASE_MS } from './leases.ts';
import type { Session } from './session.ts';
import { rowsOf } from './typed.ts';

/** Take the lease of a site, renew it when it is ours, or learn who has it. */
export async function takeSiteLease(
  knex: Knex,
  session: Session,
  site: string,
  { holder, nowMs }: { readonly holder: string; readonly nowMs: number },
): Promise<SiteLease | LeaseTaken> {
  const { pid, start } = await session.identity();
  const [lease] = await rowsOf<{ readonly epoch: number }>(
    knex,
    `INSERT INTO site_leases AS l (site, holder, backend_pid, backend_start, epoch, expires_ms)
     VALUES (:site, :holder, :pid, :start, 1, :expires)
     ON CONFLICT (site) DO UPDATE SET holder = EXCLUDED.holder, backend_pid = EXCLUDED.backend_pid,
       backend_start = EXCLUDED.backend_start, epoch = l.epoch + 1, expires_ms = EXCLUDED.expires_ms
     WHERE l.expires_ms < :now OR NOT EXISTS (SELECT 1 FROM pg_stat_activity a
       WHERE a.pid = l.backend_pid AND CAST(a.backend_start AS text) = l.backend_start)
     RETURNING epoch`,
    { site, holder, pid, start, now: nowMs, expires: nowMs + LEASE_MS },
  );
  if (lease !== undefined) return { site, epoch: lease.epoch };

  const taken = await knex('site_leases').where({ site }).first('holder');
  return { takenBy: taken?.holder ?? 'somebody who has just let go' };
}

/**
 * Hold on to a lease, and lock its row until the caller's transaction ends.
 *
 * @throws LeaseLost when it has another epoch by now
 */
export async function confirmSiteLease(knex: Knex, { site, epoch }: SiteLease, nowMs: number): Promise<void> {
  const { rowCount } = await knex.raw(
    'UPDATE site_leases SET expires_ms = ? WHERE site = ? AND epoch = ? AND expires_ms > 0',
    [nowMs + LEASE_MS, site, epoch],
  );
  if (Number(rowCount) !== 1) {
    throw new LeaseLost(`the lease to sweep site ${site} was taken over (epoch ${epoch})`);
  }
}

/** Let go; nothing happens when it was taken over already. */
export async function releaseSiteLease(knex: Knex, { site, epoch }: SiteLease): Promise<void> {
  await knex.raw('UPDATE site_leases SET expires_ms = 0 WHERE site = ? AND epoch = ?', [site, epoch]);
}
