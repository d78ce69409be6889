import type { Phase } from '../../machines/model.ts';
import type { Lease, LeaseTaken, Records } from '../model/records.ts';
import type { DatasetRow } from '../model/rows.ts';

/**
 * `underLease` does something while nobody else can write for a dataset and phase.
 *
 * @returns what the work came to, or who has the lease: then nothing was done
 */
export async function underLease<T>(
  records: Records,
  dataset: DatasetRow,
  phase: Phase,
  work: (lease: Lease) => Promise<T>,
): Promise<T | LeaseTaken> {
  const lease = await records.lease(dataset, phase);
  if ('takenBy' in lease) return lease;
  try {
    return await work(lease);
  } finally {
    await records.release(lease);
  }
}
