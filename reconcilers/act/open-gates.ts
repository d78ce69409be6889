/** A person has put right what a system said no to: it may be asked again at once. */
import { PHASES, type Phase } from '../../machines/model.ts';
import { changeOf } from '../decide/change/change-of.ts';
import type { Records } from '../model/records.ts';
import { type DatasetRow, EMPTY_PAGE } from '../model/rows.ts';
import type { Gate } from '../model/totals.ts';
import { underLease } from './under-lease.ts';

/** A phase whose new work is not taken, and what the system said. */
export interface ClosedGate {
  readonly phase: Phase;
  readonly gate: Gate;
}

/** The closed gates of a dataset, in the order of the phases. */
export async function closedGates(dataset: DatasetRow, records: Records): Promise<readonly ClosedGate[]> {
  const { gates } = await records.totals(dataset);
  return PHASES.flatMap((phase) => {
    const gate = gates[phase];
    return gate === undefined ? [] : [{ phase, gate }];
  });
}

/** Open gates. @returns those that were opened; one in somebody else's hands stays, and opens by itself */
export async function openGates(
  dataset: DatasetRow,
  closed: readonly ClosedGate[],
  records: Records,
): Promise<readonly ClosedGate[]> {
  const opened: ClosedGate[] = [];
  for (const one of closed) {
    const { retry } = dataset.loaded.spec;
    const done = await underLease(records, dataset, one.phase, async (lease) => {
      const options = { now: await records.now(), phase: one.phase, retry };
      const { change } = changeOf(EMPTY_PAGE, [{ on: 'gate', phase: one.phase, gate: null }], options);
      await records.write(lease, dataset, (writing) => writing.commit(change));
      return one;
    });
    if (!('takenBy' in done)) opened.push(done);
  }
  return opened;
}
