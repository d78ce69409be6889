import { PHASES } from '../../machines/model.ts';
import type { Lease, LeaseTaken, Records } from '../model/records.ts';
import type { DatasetRow } from '../model/rows.ts';

/**
 * Do something while nobody else can write for these datasets, in any phase.
 *
 * Passes that are under way end first; those that begin meanwhile are skipped.
 *
 * @param patience  waits before a lease that is taken is asked for again; false: no longer
 */
export async function underAllLeases<T>(
  datasets: readonly DatasetRow[],
  records: Records,
  patience: () => Promise<boolean>,
  act: (leases: readonly Lease[]) => Promise<T>,
): Promise<T | LeaseTaken> {
  const held: Lease[] = [];
  try {
    for (const dataset of datasets) {
      for (const phase of PHASES) {
        let lease = await records.lease(dataset, phase);
        while ('takenBy' in lease && (await patience())) lease = await records.lease(dataset, phase);
        if ('takenBy' in lease) return lease;
        held.push(lease);
      }
    }
    return await act(held);
  } finally {
    for (const lease of held) await records.release(lease);
  }
}
