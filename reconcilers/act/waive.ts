/** Writing a person's waiver of inputs: an entry of the ledger each, under the lease of the phase that failed. */
import type { FileId, Phase } from '../../machines/model.ts';
import { changeOf } from '../decide/change/change-of.ts';
import { type Waivable, type Waiver, waiverFindings, waiverOf } from '../decide/facts/waive.ts';
import { groupBy } from '../model/group-by.ts';
import type { LeaseTaken, Records } from '../model/records.ts';
import { type DatasetRow, EMPTY_PAGE, type InputRow } from '../model/rows.ts';
import { scopeOf } from '../model/scope.ts';
import type { NamedInput, WaiverWord } from '../model/waivers.ts';
import { underLease } from './under-lease.ts';

/** What became of one that was named. */
export interface Waived {
  readonly input: InputRow;
  readonly waiver: Waiver;
}

/**
 * Waive inputs of a dataset.
 *
 * @param patience  waits before a lease that is taken is asked for again; false: no longer
 * @returns what became of each; who has a lease, for those of that phase nothing was done
 */
export async function waiveInputs(
  dataset: DatasetRow,
  named: readonly NamedInput[],
  word: WaiverWord,
  { records, patience }: { readonly records: Records; readonly patience: () => Promise<boolean> },
): Promise<{ readonly waived: readonly Waived[]; readonly taken: readonly LeaseTaken[] }> {
  const waived: Waived[] = [];
  const taken: LeaseTaken[] = [];
  for (const [phase, inputs] of groupBy(named, ({ input }) => input.phase ?? 'process')) {
    const write = () =>
      underLease(records, dataset, phase, async (lease) => {
        const asked = { dataset, phase, inputs, word, now: await records.now() };
        return records.write(lease, dataset, (writing) => writeWaivers(writing, asked));
      });
    let result = await write();
    while ('takenBy' in result && (await patience())) result = await write();
    if ('takenBy' in result) taken.push(result);
    else waived.push(...result);
  }
  return { waived, taken };
}

interface Asked {
  readonly dataset: DatasetRow;
  readonly phase: Phase;
  readonly inputs: readonly NamedInput[];
  readonly word: WaiverWord;
  readonly now: number;
}

async function writeWaivers(
  writing: Parameters<Parameters<Records['write']>[2]>[0],
  { dataset, phase, inputs, word, now }: Asked,
): Promise<readonly Waived[]> {
  const scope = scopeOf(phase, { now }, { subject: 'inputs', withOutputs: true });
  const page = await writing.reread({ ...EMPTY_PAGE, inputs: inputs.map(({ input }) => input) }, scope);
  const accounted = new Map<FileId, number | null>(inputs.map((one) => [one.input.id, one.accounted]));
  const outputs = groupBy(page.outputs, ({ inputId }) => inputId);
  const { spec, revision } = dataset.loaded;
  const wanted = { keys: spec.outputs.map(({ key }) => key), revision };
  const decided = page.inputs.map((input) => {
    const of: Waivable = {
      input,
      outputs: outputs.get(input.id) ?? [],
      accounted: accounted.get(input.id) ?? null,
    };
    return { of, waiver: waiverOf(of, wanted) };
  });
  const entries = decided.flatMap(({ of, waiver }) =>
    waiver.is === 'waived'
      ? [{ ...word, fileId: of.input.id, kind: waiver.kind, events: waiver.events }]
      : [],
  );
  const numbers = await writing.waive(entries);
  const findings = decided.flatMap(({ of, waiver }) =>
    waiverFindings(of, waiver, numbers.get(of.input.id) ?? null, word),
  );
  await writing.commit(changeOf(page, findings, { now, phase, retry: spec.retry }).change);
  return decided.map(({ of, waiver }) => ({ input: of.input, waiver }));
}
