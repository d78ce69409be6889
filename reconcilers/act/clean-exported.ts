/**
 * Cleaning outputs with trouble in their export, by a person: both copies are read,
 * and what is not as it was accepted is put aside; a good copy here is sent again,
 * and what has none left is made again from its input. History stays.
 */

import type { OutputFact } from '../../machines/model.ts';
import { type Draft, openDraft } from '../decide/change/draft.ts';
import { CLEANED } from '../decide/facts/clean.ts';
import { NO_FAR_COPY, noLongerCopied } from '../decide/facts/export-look.ts';
import { NO_TROUBLE } from '../decide/judge/failures.ts';
import {
  type FormerPlace,
  type Repair,
  repairOf,
  statsForRepair,
  stepsOf,
  type Troubled,
  troubledOf,
} from '../decide/rules/export-repair.ts';
import type { PassContext } from '../model/context.ts';
import { liveWork } from '../model/live-work.ts';
import type { Lease, LeaseTaken } from '../model/records.ts';
import { EMPTY_PAGE, type OutputRow, type Page } from '../model/rows.ts';
import { apply } from './apply.ts';
import { type Cleaned, type Cleaning, cleaningScope } from './clean.ts';
import { checkMarkers, markedPlaces } from './marker.ts';
import { observe } from './observe.ts';
import { underLease } from './under-lease.ts';

interface Repairing {
  readonly troubled: Troubled;
  readonly repair: Repair;
}

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
    const draft = openDraft(page, { now, phase: 'export', retry: dataset.loaded.spec.retry });
    forgetOthers(page, decided, draft);
    for (const one of done) concludeRepair(one, page, cleaning.by, draft);
    await records.write(lease, dataset, (writing) => writing.commit(draft.change()));
    const told = done.map(({ troubled, repair }) => tell(troubled, repair));
    const files = page.outputs.length - told.filter((one) => one.left).length;
    return { files, cancelled: [], quarantined: putAside, told };
  });
}

const SENTENCES: Readonly<Record<Repair['is'], string>> = {
  forget: 'tried again',
  deleted: 'its far copy is the one that counts',
  'send again': 'it is sent again',
  'make again': 'it is made again from its input',
  left: 'left as it is',
};

function tell({ output: { name, state } }: Troubled, { is, because }: Repair) {
  const isOver = is === 'forget' && (state === 'copied' || state === 'deleted');
  const sentence = isOver ? 'nothing is wrong with it' : SENTENCES[is];
  return { name, left: is === 'left', because: `${sentence}: ${because}` };
}

async function decide(
  context: PassContext,
  page: Page,
  former: readonly FormerPlace[],
  { ports, signal }: Cleaning,
): Promise<readonly Repairing[]> {
  const inputs = new Map(page.inputs.map((input) => [input.id, input]));
  const troubled = page.outputs.flatMap((output) => {
    const input = inputs.get(output.inputId);
    return (input && troubledOf(context, output, input, former)) ?? [];
  });
  const { seen } = await observe([() => ({ stats: statsForRepair(troubled) })], ports, context, signal);
  return troubled.map((one) => ({ troubled: one, repair: repairOf(context, one, seen) }));
}

/** Put aside what must go first. What could not be put aside leaves its output as it is. */
async function putRight(
  context: PassContext,
  decided: readonly Repairing[],
  lease: Lease,
  { records, ports, signal }: Cleaning,
): Promise<{ readonly done: readonly Repairing[]; readonly putAside: number }> {
  const bad = decided.filter(({ repair }) => repair.putAside.length > 0);
  if (bad.length === 0) return { done: decided, putAside: 0 };
  const number = await records.write(lease, context.dataset, (writing) => writing.numbers(1));
  const steps = new Map(bad.map((one) => [one, stepsOf(one.troubled, one.repair, number)]));
  const taken = await apply([...steps.values()].flat(), {
    ports,
    context,
    signal,
    mayGoOn: () => records.renew(lease),
  });
  const done = decided.map((one): Repairing => {
    const failed = taken.find(({ step, outcome }) => !outcome.ok && steps.get(one)?.includes(step));
    if (failed === undefined || failed.outcome.ok) return one;
    return { ...one, repair: { is: 'left', because: failed.outcome.message, putAside: [] } };
  });
  return { done, putAside: taken.filter(({ outcome }) => outcome.ok).length };
}

/** Trouble of an output whose far copy nobody looks after any more is none. */
function forgetOthers(page: Page, decided: readonly Repairing[], draft: Draft): void {
  const known = new Set(decided.map(({ troubled }) => troubled.output.id));
  for (const { id } of page.outputs) {
    if (!known.has(id)) draft.touchOutput(id, { ...NO_TROUBLE, phase: null });
  }
}

function concludeRepair({ troubled, repair }: Repairing, page: Page, by: string, draft: Draft): void {
  const { output, input } = troubled;
  const because = `${repair.because}; cleaned by ${by}`;
  const acted = { actedMs: draft.now };
  const fact = factOf(repair, output);
  switch (repair.is) {
    case 'left':
      return;
    case 'forget':
      draft.findOutput(output.id, {
        fact: null,
        because,
        patch: { ...NO_TROUBLE, phase: null, ...acted },
      });
      return;
    case 'deleted':
      draft.findOutput(output.id, { fact, because, patch: acted });
      return;
    case 'send again':
      draft.findOutput(output.id, { fact, because, patch: { ...NO_FAR_COPY, ...acted } });
      noLongerCopied(input, output, because, draft);
      return;
    case 'make again': {
      const live = liveWork(page).get(output.id);
      draft.findOutput(output.id, {
        fact,
        because,
        patch: acted,
        ...(live && { end: { phase: 'export', how: CLEANED } }),
      });
      makeAgain(troubled, because, draft);
    }
  }
}

/** The input goes back to where it is processed, once for all of its outputs. */
function makeAgain({ output, input: { id } }: Troubled, because: string, draft: Draft): void {
  const input = draft.input(id);
  if (input.revision !== output.revision || (input.state !== 'done' && input.state !== 'copied')) return;
  draft.find(id, { fact: { type: 'output.absent' }, because: `${output.name}: ${because}` });
  draft.find(id, {
    fact: { type: 'operator.cleaned' },
    because,
    patch: { ...NO_TROUBLE, revision: null, acceptedAttempt: null, waiverId: null, actedMs: draft.now },
  });
}

function factOf({ is, putAside }: Repair, { state }: OutputRow): OutputFact | null {
  const far = putAside.length > 0 ? 'far.corrupt' : 'far.absent';
  switch (is) {
    case 'left':
    case 'forget':
      return null;
    case 'deleted':
      return { type: 'output.deleted' };
    case 'send again':
      return { type: far };
    case 'make again':
      if (state === 'deleted') return { type: far };
      return { type: putAside.length > 0 ? 'output.corrupt' : 'output.absent' };
  }
}
