/**
 * Taking a file as its source has it now, by a person: its source, or the catalog, says
 * something else than what it was verified with. What was made of the bytes it had then
 * does not count any more, and is put away; history stays.
 */

import type { StorePath } from '../../machines/model.ts';
import { changeOf } from '../decide/change/change-of.ts';
import { optionsOf } from '../decide/change/phase-rules.ts';
import { takenAnew } from '../decide/facts/take-anew.ts';
import { groupBy } from '../model/group-by.ts';
import { heldByOther } from '../model/holders.ts';
import { liveWork } from '../model/live-work.ts';
import { quarantinePath } from '../model/names.ts';
import type { LeaseTaken, Writing } from '../model/records.ts';
import { type DatasetRow, EMPTY_PAGE, type InputRow, type OutputRow, type Page } from '../model/rows.ts';
import { scopeOf } from '../model/scope.ts';
import { type Answer, NOTHING_SEEN } from '../model/world.ts';
import { DriverError } from '../ports/errors.ts';
import type { Place } from '../ports/store.ts';
import type { Cleaned, Cleaning } from './clean.ts';
import { type HoldersAsking, withHolders } from './holders.ts';
import { attemptStores, leavings, putAway } from './put-away.ts';
import { underLease } from './under-lease.ts';

/** What is needed for it: whose the places are that are emptied must be asked as well. */
export interface TakingAnew extends Cleaning, HoldersAsking {}

/**
 * Bring files that are verified, or were processed, back to before they were brought.
 *
 * Their outputs are put away first: a command that is stopped in between leaves outputs
 * that are missing, which the next look finds, and no bytes that block a final name.
 *
 * @throws DriverError where an output cannot be put away: its file is then left as it is
 */
export async function takeAnew(
  dataset: DatasetRow,
  inputs: readonly InputRow[],
  cleaning: TakingAnew,
): Promise<Cleaned | LeaseTaken> {
  const { records, ports, signal } = cleaning;
  return underLease(records, dataset, 'process', async (lease) => {
    const now = await records.now();
    const scope = scopeOf('process', { now }, { subject: 'inputs', withOutputs: true });
    const reread = (writing: Writing) => writing.reread({ ...EMPTY_PAGE, inputs }, scope);
    const before = await records.write(lease, dataset, async (writing) => ({
      page: await reread(writing),
      number: await writing.numbers(1),
    }));
    const away = await putOutputsAway(dataset, before.page.outputs, before.number, cleaning);
    const ended = await records.write(lease, dataset, async (writing) => {
      const page = await reread(writing);
      const findings = takenAnew(page, { by: cleaning.by, now });
      await writing.commit(changeOf(page, findings, optionsOf({ now, dataset }, 'process')).change);
      return submissionsOf(page);
    });
    await ports.batch.cancel(ended, signal);
    // What cannot be seen must hold no place any more: no attempt of it counts.
    await ports.batch.settle(ended, signal);
    await ports.spool.discardReports(ended, signal);
    const { found } = await leavings(attemptStores(dataset), ports, signal);
    const over = new Set(ended);
    const left = found.filter((file) => over.has(file.submission));
    const late = await putAway(left, before.number, ports, signal);
    return { files: inputs.length, cancelled: ended, quarantined: away + late.length };
  });
}

const submissionsOf = (page: Page) => [
  ...new Set([...liveWork(page).values()].map(({ submission }) => submission.name)),
];

interface MadePlace {
  readonly store: string;
  readonly path: StorePath;
  readonly inputId: number;
}

/** Where outputs lie, here and where they were exported to. */
function placesOf({ loaded }: DatasetRow, outputs: readonly OutputRow[]): readonly MadePlace[] {
  return outputs.flatMap(({ key, inputId, store, path, farStore, farPath }) => {
    const far = farStore ?? loaded.spec.outputs.find((one) => one.key === key)?.export?.to;
    const here = { store, path, inputId };
    return far !== undefined && farPath !== null ? [here, { store: far, path: farPath, inputId }] : [here];
  });
}

/** Put into quarantine what was made. @returns how many files */
async function putOutputsAway(
  dataset: DatasetRow,
  outputs: readonly OutputRow[],
  number: number,
  cleaning: TakingAnew,
): Promise<number> {
  const { ports, signal } = cleaning;
  const places = placesOf(dataset, outputs);
  await checkNobodyElse(dataset, places, cleaning);
  const declared = outputs.filter(({ state }) => state === 'declared').map(({ name }) => name);
  if (declared.length > 0) await ports.catalog.retract(declared, signal);
  let away = 0;
  for (const { store, path } of places) {
    const put = ports.stores.get(store)?.promote(path, quarantinePath(path, number), null, signal);
    if (await isDone(put)) away += 1;
  }
  return away;
}

/** @throws DriverError where something that would be put away is another file's too */
async function checkNobodyElse(
  dataset: DatasetRow,
  places: readonly MadePlace[],
  asking: TakingAnew,
): Promise<void> {
  const answers = new Map<string, readonly Answer<StorePath, Place>[]>();
  for (const [store, there] of groupBy(places, (one) => one.store)) {
    const paths = there.map(({ path }) => path);
    const answer = await asking.ports.stores.get(store)?.locate(paths, 0, asking.signal);
    if (answer) answers.set(store, [{ ...answer, asked: new Set(paths) }]);
  }
  const { holders } = await withHolders(
    { ...NOTHING_SEEN, places: answers },
    EMPTY_PAGE,
    { dataset },
    asking,
  );
  for (const { store, path, inputId } of places) {
    const at = answers.get(store)?.[0]?.found.get(path);
    const why = at && heldByOther(holders, at, { datasetId: dataset.id, inputId });
    if (why === undefined) continue;
    throw new DriverError('rejected', `${store}:${path} is not put away: ${why}; clear that up first`);
  }
}

/** Whether a file was there to be put away. */
async function isDone(put: Promise<void> | undefined): Promise<boolean> {
  try {
    await put;
    return put !== undefined;
  } catch (error) {
    if (error instanceof DriverError && error.code === 'absent') return false;
    throw error;
  }
}
