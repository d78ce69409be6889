/**
 * Cleaning outputs with trouble in their export, by a person: both copies are read,
 * and what is not as it was accepted is put aside; a good copy here is sent again,
 * and what has none left is made again from its input. History stays.
 */

import { changeOf } from '../decide/change/change-of.ts';
import {
  type FormerPlace,
  repairOf,
  statsForRepair,
  stepsOf,
  troubledOn,
} from '../decide/rules/export-repair.ts';
import { type Repaired, repairedFindings, repairTold } from '../decide/rules/export-repaired.ts';
import type { PassContext } from '../model/context.ts';
import type { Lease, LeaseTaken } from '../model/records.ts';
import { EMPTY_PAGE, type OutputRow, type Page } from '../model/rows.ts';
import type { TakenStep } from '../model/steps.ts';
import { apply } from './apply.ts';
import { type Cleaned, type Cleaning, cleaningScope } from './clean.ts';
import { REAL_CLOCK } from './clock.ts';
import { inTime } from './in-time.ts';
import { checkMarkers, markedPlaces } from './marker.ts';
import { observe } from './observe.ts';
import { inputsOf, paceUnder } from './take-steps.ts';
import { underLease } from './under-lease.ts';

/**
 * Clean outputs that have trouble in their export.
 *
 * @param former  places at which lost outputs of the same inputs had their far copies
 */
export async function cleanExported(
  context: PassContext,
  outputs: readonly OutputRow[],
  former: readonly FormerPlace[],
  cleaning: Cleaning,
): Promise<Cleaned | LeaseTaken> {
  const { records, ports, signal } = cleaning;
  const { dataset } = context;
  await checkMarkers(markedPlaces(context, ports), records, signal);
  return underLease(records, dataset, 'export', async (lease) => {
    const scope = cleaningScope('export', context.now, 'outputs');
    const page = await records.write(lease, dataset, (writing) =>
      writing.reread({ ...EMPTY_PAGE, outputs }, scope),
    );
    const decided = await decide(context, page, former, cleaning);
    const { done, putAside } = await putRight(context, decided, lease, cleaning);
    const now = await records.now();
    const found = repairedFindings(page, done, { by: cleaning.by, now });
    const { change } = changeOf(page, found, { now, phase: 'export', retry: dataset.loaded.spec.retry });
    await records.write(lease, dataset, (writing) => writing.commit(change));
    const told = done.map(repairTold);
    const files = page.outputs.length - told.filter((one) => one.left).length;
    return { files, cancelled: [], quarantined: putAside, told };
  });
}

async function decide(
  context: PassContext,
  page: Page,
  former: readonly FormerPlace[],
  { ports, signal }: Cleaning,
): Promise<readonly Repaired[]> {
  const troubled = troubledOn(context, page, former);
  const { seen } = await observe([() => ({ stats: statsForRepair(troubled) })], ports, context, signal);
  return troubled.map((one) => ({ troubled: one, repair: repairOf(context, one, seen) }));
}

/** Put aside what must go first. What could not be put aside leaves its output as it is. */
async function putRight(
  context: PassContext,
  decided: readonly Repaired[],
  lease: Lease,
  { records, ports, signal }: Cleaning,
): Promise<{ readonly done: readonly Repaired[]; readonly putAside: number }> {
  const bad = decided.filter(({ repair }) => repair.putAside.length > 0);
  if (bad.length === 0) return { done: decided, putAside: 0 };
  const number = await records.write(lease, context.dataset, (writing) => writing.numbers(1));
  const steps = new Map(bad.map((one) => [one, stepsOf(one.troubled, one.repair, number)]));
  const taken: TakenStep[] = [];
  const around = { ports, context, input: inputsOf(EMPTY_PAGE), signal };
  const pace = paceUnder(lease, { records, clock: REAL_CLOCK });
  for await (const some of inTime(apply([...steps.values()].flat(), around), pace)) taken.push(...some);
  const refused = new Map(
    taken.flatMap(({ step, outcome }) => (outcome.ok ? [] : [[step, outcome.message] as const])),
  );
  const done = decided.map((one): Repaired => {
    const [because] = (steps.get(one) ?? []).flatMap((step) => refused.get(step) ?? []);
    return because === undefined ? one : { ...one, repair: { is: 'left', because, putAside: [] } };
  });
  return { done, putAside: taken.filter(({ outcome }) => outcome.ok).length };
}
