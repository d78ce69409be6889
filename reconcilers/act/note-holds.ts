import { holdsFound } from '../decide/stops/gates.ts';
import type { PassContext } from '../model/context.ts';
import type { EndedBy, Records } from '../model/records.ts';

/**
 * Put on record which holds by rules begin and end, so that people see since when, and can end them.
 *
 * @param by  who ended a cause that is gone, and how; not given: nobody did
 */
export async function noteHolds(
  standing: Pick<PassContext, 'dataset' | 'totals' | 'now'>,
  records: Pick<Records, 'noteHolds'>,
  by?: EndedBy,
): Promise<void> {
  const found = holdsFound(standing);
  if (found.length > 0) await records.noteHolds(standing.dataset, found, standing.now, by);
}
