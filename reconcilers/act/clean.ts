/**
 * Cleaning, by a person: what an attempt has begun is ended and put away, and
 * the file is back before the phase that failed, with nothing held against it.
 * History stays.
 */

import type { Phase } from '../../machines/model.ts';
import { changeOf } from '../decide/change/change-of.ts';
import { optionsOf } from '../decide/change/phase-rules.ts';
import { cleanedInputs, cleanedOutputs } from '../decide/facts/clean.ts';
import type { LeaseTaken, Records } from '../model/records.ts';
import { type DatasetRow, EMPTY_PAGE, type InputRow, type OutputRow } from '../model/rows.ts';
import { type PageScope, scopeOf } from '../model/scope.ts';
import type { SitePorts } from '../ports/ports.ts';
import { attemptStores, leavings, putAway } from './put-away.ts';
import { underLease } from './under-lease.ts';

/** `Cleaned` says what a clean has done. */
export interface Cleaned {
  readonly files: number;
  readonly cancelled: readonly string[];
  readonly quarantined: number;
  /** What was done about single files, or what a person can do. */
  readonly told?: readonly { readonly name: string; readonly left: boolean; readonly because: string }[];
}

/** `Cleaning` is what a clean works with. */
export interface Cleaning {
  readonly records: Records;
  readonly ports: SitePorts;
  readonly signal: AbortSignal;
  /** Who does it, for the history. */
  readonly by: string;
}

/** Clean inputs that failed in, or are at, one phase. */
export async function cleanInputs(
  dataset: DatasetRow,
  phase: Phase,
  inputs: readonly InputRow[],
  cleaning: Cleaning,
): Promise<Cleaned | LeaseTaken> {
  const { records, ports, signal } = cleaning;
  return underLease(records, dataset, phase, async (lease) => {
    const now = await records.now();
    const changing = optionsOf({ now, dataset }, phase);
    const { ended, files } = await records.write(lease, dataset, async (writing) => {
      const scope = { ...cleaningScope(phase, now, 'inputs'), withOutputs: phase === 'process' };
      const page = await writing.reread({ ...EMPTY_PAGE, inputs }, scope);
      const cleaned = cleanedInputs(page, { phase, by: cleaning.by, now });
      await writing.commit(changeOf(page, cleaned.findings, changing).change);
      return cleaned;
    });
    if (phase === 'process') {
      await ports.batch.cancel(ended, signal);
      // What cannot be seen must hold no place any more: no attempt of it counts.
      await ports.batch.settle(ended, signal);
    }
    await ports.spool.discardReports(ended, signal);
    const { found } = await leavings(attemptStores(dataset), ports, signal);
    const over = new Set(ended);
    const left = found.filter((file) => over.has(file.submission));
    const number = await records.write(lease, dataset, (writing) => writing.numbers(1));
    const away = await putAway(left, number, ports, signal);
    return { files, cancelled: ended, quarantined: away.length };
  });
}

/** Forget the trouble of outputs, and take back declarations that never got their location. `process`: those accepted. */
export async function cleanOutputs(
  dataset: DatasetRow,
  phase: 'process' | 'publish',
  outputs: readonly OutputRow[],
  { records, ports, signal, by }: Cleaning,
): Promise<Cleaned | LeaseTaken> {
  return underLease(records, dataset, phase, async (lease) => {
    const unfinished = outputs.filter((output) => output.state === 'declared');
    const answers = await ports.catalog.retract(
      unfinished.map((output) => output.name),
      signal,
    );
    const retracted = new Set([...answers].flatMap(([name, { ok }]) => (ok ? [name] : [])));
    const now = await records.now();
    await records.write(lease, dataset, async (writing) => {
      const page = await writing.reread({ ...EMPTY_PAGE, outputs }, cleaningScope(phase, now, 'outputs'));
      const findings = cleanedOutputs(page, retracted, { phase, by, now });
      await writing.commit(changeOf(page, findings, optionsOf({ now, dataset }, phase)).change);
    });
    return { files: outputs.length, cancelled: [], quarantined: 0 };
  });
}

/** The scope of the very rows that are given: it only says which attempts come with them. */
export function cleaningScope(phase: Phase, now: number, subject: PageScope['subject']): PageScope {
  return scopeOf(phase, { now }, { subject, attemptsOf: phase === 'verify' ? 'transfer' : phase });
}
