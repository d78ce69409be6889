import type { JobEnd } from '../ports/batch-system.ts';
import type { JobTraces } from '../ports/spool.ts';

/** What a job exits with that found another folder than was submitted, or none: it has done nothing. */
export const VOID_EXIT_CODE = 79;

/** The batch state of a job that its system found so torn by itself that it never ran. */
export const VOID_BATCH_STATE = 'void';

/**
 * Whether a job that has ended did nothing, as its submission was not there as it was made.
 *
 * A command may exit with the same code, but then its job leaves a report.
 */
export function isVoid(
  end: JobEnd | null,
  { report, invalid }: Pick<JobTraces, 'report' | 'invalid'>,
): boolean {
  if (end === null || report !== null || invalid !== null) return false;
  return end.batchState === VOID_BATCH_STATE || (end.exitCode === VOID_EXIT_CODE && end.batchState === null);
}
