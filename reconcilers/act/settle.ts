/** `settleJob` takes a person's word about a job of which no system says anything; it is signed, and kept in history. */

import type { Phase, SubmissionName } from '../../machines/model.ts';
import { changeOf } from '../decide/change/change-of.ts';
import { optionsOf } from '../decide/change/phase-rules.ts';
import {
  answerAbout,
  pageOf,
  type Settled,
  type Settlement,
  settledAsDone,
  settledAsLost,
} from '../decide/facts/settle.ts';
import { RULES } from '../decide/rules/all.ts';
import type { PassContext, Traits } from '../model/context.ts';
import { type LiveWork, liveWork } from '../model/live-work.ts';
import type { LeaseTaken, Records } from '../model/records.ts';
import { type DatasetRow, EMPTY_PAGE, type InputRow, type OutputRow, type Page } from '../model/rows.ts';
import { scopeOf } from '../model/scope.ts';
import { DriverError } from '../ports/errors.ts';
import type { MoveSeen } from '../ports/mover.ts';
import type { SitePorts } from '../ports/ports.ts';
import { observe } from './observe.ts';
import { underLease } from './under-lease.ts';

/** What is to be settled, and a person's word for it. */
export interface SettleOrder {
  readonly dataset: DatasetRow;
  readonly phase: Phase;
  readonly submission: SubmissionName;
  /** Transfers: `from>to`. */
  readonly endpoint: string | null;
  /** null: all jobs of the submission that are in motion. */
  readonly index: number | null;
  /** The files of its live attempts: inputs, or outputs in export. */
  readonly inputs: readonly InputRow[];
  readonly outputs: readonly OutputRow[];
  readonly how: Settlement;
  /** The whole sentence: who says it, and why. */
  readonly word: string;
}

/** `SettleResult` says what a person’s word about a job came to. */
export type SettleResult =
  | { readonly is: 'settled'; readonly files: number }
  /** Nothing of it is in motion. */
  | { readonly is: 'over' }
  /** It is over on record; what its system held for it, which sees nothing of it, is let go. */
  | { readonly is: 'let go' }
  /** Its system answers about it: there is nothing to settle. */
  | { readonly is: 'answered'; readonly answer: string }
  /** What it left cannot be judged now. */
  | { readonly is: 'unjudged'; readonly why: string };

interface Around {
  readonly records: Records;
  readonly ports: SitePorts;
  readonly traits: Traits;
  readonly signal: AbortSignal;
}

/** Settle a job in motion, under the lease of its dataset and phase. */
export async function settleJob(order: SettleOrder, around: Around): Promise<SettleResult | LeaseTaken> {
  const { records } = around;
  return underLease(records, order.dataset, order.phase, async (lease) => {
    const context = await contextOf(order, around);
    const scope = scopeOf(order.phase, context, {
      subject: order.phase === 'export' ? 'outputs' : 'inputs',
      withOutputs: order.phase === 'process',
    });
    const asked = { ...EMPTY_PAGE, inputs: order.inputs, outputs: order.outputs };
    const page = await records.write(lease, order.dataset, (writing) => writing.reread(asked, scope));
    const works = worksOf(order, page);
    if (works.length === 0) return letGo(order, context.now, around);
    const answer = await answerNow(context, page, works, order, around);
    if (answer !== undefined) return { is: 'answered', answer };

    const settled = await decide(context, page, works, order, around);
    if ('unjudged' in settled) return { is: 'unjudged', why: settled.unjudged };
    const { change } = changeOf(page, settled.findings, optionsOf(context, order.phase));
    // First, so that a crash in between leaves nothing held for ever: the job has then ended by this word.
    await tellSystem(page, works, around);
    await records.write(lease, order.dataset, (writing) => writing.commit(change));
    return { is: 'settled', files: works.length };
  });
}

/** A job that is over on record, by a clean or another spec, may still hold its place in its system. */
async function letGo(order: SettleOrder, now: number, { ports, signal }: Around): Promise<SettleResult> {
  const { submission: name, endpoint } = order;
  const system = endpoint === null ? ports.batch : ports.movers.get(endpoint);
  const seen = await system?.observe([name], now, signal).catch(withoutIt);
  if (!seen?.unknown.has(name)) return { is: 'over' };
  await system?.settle([name], signal);
  return { is: 'let go' };
}

async function contextOf({ dataset }: SettleOrder, { records, traits }: Around): Promise<PassContext> {
  const { id: installation } = await records.installation();
  const [now, totals] = [await records.now(), await records.totals(dataset)];
  return { dataset, installation, now, resync: false, totals, bytes: null, traits };
}

function worksOf({ submission, index }: SettleOrder, page: Page): readonly LiveWork[] {
  return [...liveWork(page).values()].filter(
    (work) => work.submission.name === submission && (index === null || work.attempt.jobIndex === index),
  );
}

async function answerNow(
  context: PassContext,
  page: Page,
  works: readonly LiveWork[],
  order: SettleOrder,
  { ports, signal }: Around,
): Promise<string | undefined> {
  const rules = RULES[order.phase];
  const { seen } = await observe(rules.rounds(context, page), ports, context, signal);
  return answerAbout({ context, rules, page, works, seen });
}

/** What the person's word comes to. */
async function decide(
  context: PassContext,
  whole: Page,
  works: readonly LiveWork[],
  order: SettleOrder,
  { ports, signal }: Around,
): Promise<Settled> {
  if (order.how === 'lost') return { findings: settledAsLost({ context, works }, order.word) };
  const rules = RULES[order.phase];
  const page = pageOf(whole, works);
  const asked = await observe(rules.rounds(context, page), asIfOver(works, ports), context, signal);
  const settled = [...liveWork(page).values()];
  return settledAsDone({ context, rules, page, works: settled, seen: asked.seen }, order.word);
}

/** The outside, with a batch system and movers that say of these jobs what the person says: they are over. */
function asIfOver(works: readonly LiveWork[], ports: SitePorts): SitePorts {
  const moved: MoveSeen = { state: 'moved', sizeBytes: 0, checksum: null };
  const files = new Map(works.map(({ attempt }) => [attempt.jobIndex, moved]));
  const movers = [...ports.movers].map(([endpoint, mover]) => {
    const observe: typeof mover.observe = async (names, askedAt) => {
      const found = new Map(names.map((name) => [name, { systemId: name, files }]));
      return { askedAt, complete: true, found, unknown: new Map() };
    };
    return [endpoint, { ...mover, observe }] as const;
  });
  const observe: typeof ports.batch.observe = async (_names, askedAt) => {
    return { askedAt, complete: true, found: new Map(), unknown: new Map() };
  };
  return { ...ports, batch: { ...ports.batch, observe }, movers: new Map(movers) };
}

/** Let its system know, where every job of the submission is over now; one that is down holds nothing here. */
async function tellSystem(page: Page, works: readonly LiveWork[], { ports, signal }: Around): Promise<void> {
  const [first] = works;
  const of = page.attempts.filter((attempt) => attempt.submissionId === first?.attempt.submissionId);
  if (first === undefined || of.length > works.length) return;
  const { name, endpoint } = first.submission;
  const system = endpoint === null ? ports.batch : ports.movers.get(endpoint);
  await system?.settle([name], signal).catch(withoutIt);
}

function withoutIt(error: unknown): undefined {
  if (!(error instanceof DriverError)) throw error;
  return undefined;
}
