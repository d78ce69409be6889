/** The members of all datasets at the beginning of a round, with one wait for what may still be written. */
import { stillWritten } from '../decide/members/arrivals.ts';
import type { DatasetRow } from '../model/rows.ts';
import type { Daemon, MembersReport } from './daemon.ts';
import { isNews, membersPass, type PassOptions } from './passes.ts';

/** No round waits longer than this: a file that must not change for longer is for a later one. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * Ask for the members of datasets. At a look at everything, wait until files that were
 * listed for the first time have had the time to settle, all of them together, and look again.
 *
 * @returns what stopped it, by dataset
 */
export async function lookAtMembers(
  daemon: Daemon,
  names: readonly string[],
  { resync }: Pick<PassOptions, 'resync'>,
): Promise<ReadonlyMap<string, Error>> {
  const stopped = new Map<string, Error>();
  const looked = new Map<string, MembersReport>();
  const look = async (name: string, everything: boolean) => {
    const result = await membersPass(daemon, await daemon.records.dataset(name), { resync: everything });
    if (result instanceof Error) stopped.set(name, result);
    else if (result !== null) looked.set(name, result);
  };
  for (const name of names) await look(name, resync);
  const waiting = resync ? await arrivingAmong(daemon, names) : [];
  for (const report of looked.values()) if (isNews(report)) daemon.onMembers(report);
  if (waiting.length === 0) return stopped;

  // The clocks of the pause and of the database are not the same.
  const longest = Math.max(...waiting.map(settleMs)) + 20;
  await daemon.pause(longest, `${await whoArrives(daemon, waiting)}: is it whole?`);
  looked.clear();
  for (const { name } of waiting) await look(name, false);
  for (const report of looked.values()) {
    if (isNews(report) || report.arriving > 0) daemon.onMembers(report);
  }
  return stopped;
}

const settleMs = ({ loaded }: DatasetRow) => loaded.spec.input.settleForSeconds * 1000;

/** Datasets of which listed files may still be written, where waiting for them is short. */
async function arrivingAmong({ records }: Daemon, names: readonly string[]): Promise<readonly DatasetRow[]> {
  const rows = await Promise.all(names.map((name) => records.dataset(name)));
  return rows.filter((row) => row.arrivingSinceMs !== null && settleMs(row) <= LONGEST_PAUSE_MS);
}

async function whoArrives({ records }: Daemon, datasets: readonly DatasetRow[]): Promise<string> {
  const totals = await Promise.all(datasets.map((dataset) => records.totals(dataset)));
  const files = totals.reduce((sum, { arriving }) => sum + arriving.files, 0);
  return stillWritten({ files, example: totals[0]?.arriving.example ?? null });
}
