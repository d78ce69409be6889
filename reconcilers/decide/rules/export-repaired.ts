/** What is now so because outputs with trouble in their export were put right, and what people are told of it. */
import type { FileId } from '../../../machines/model.ts';
import { type Finding, onInput, onOutput, patchOutput } from '../../model/findings.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { Page } from '../../model/rows.ts';
import { CLEANED } from '../facts/clean.ts';
import { NO_FAR_COPY, noLongerCopied } from '../facts/export-look.ts';
import { NO_TROUBLE } from '../judge/failures.ts';
import type { Repair, Troubled } from './export-repair-rules.ts';

/** An output, and what was done about it. */
export interface Repaired {
  readonly troubled: Troubled;
  readonly repair: Repair;
}

/** Who cleans, and when. */
export interface RepairedBy {
  readonly by: string;
  readonly now: number;
}

/** What follows for the outputs of a page, and for their inputs. @param done  what was done about those somebody looks after */
export function repairedFindings(
  page: Page,
  done: readonly Repaired[],
  cleaned: RepairedBy,
): readonly Finding[] {
  const work = liveWork(page);
  return [
    ...forgotten(page, done),
    ...done.flatMap((one) => {
      const live = work.get(one.troubled.output.id);
      return AFTER[one.repair.is]({ ...one, ...cleaned, live });
    }),
    ...madeAgain(done, cleaned),
  ];
}

/** Trouble of an output whose far copy nobody looks after any more is none. */
function forgotten(page: Page, done: readonly Repaired[]): readonly Finding[] {
  const known = new Set(done.map(({ troubled }) => troubled.output.id));
  return page.outputs
    .filter(({ id }) => !known.has(id))
    .map(({ id }) => patchOutput(id, { ...NO_TROUBLE, phase: null }));
}

interface AfterView extends Repaired, RepairedBy {
  readonly live: LiveWork | undefined;
}

/** What each repair means for its output. */
const AFTER: Readonly<Record<Repair['is'], (view: AfterView) => readonly Finding[]>> = {
  left: () => [],
  forget: (view) => {
    const patch = { ...NO_TROUBLE, phase: null, actedMs: view.now };
    return [onOutput(view.troubled.output.id, { fact: null, because: becauseOf(view), patch })];
  },
  deleted: (view) => {
    const fact = { type: 'output.deleted' } as const;
    const patch = { actedMs: view.now };
    return [onOutput(view.troubled.output.id, { fact, because: becauseOf(view), patch })];
  },
  'send again': (view) => {
    const { input, output } = view.troubled;
    const because = becauseOf(view);
    const patch = { ...NO_FAR_COPY, actedMs: view.now };
    return [
      onOutput(output.id, { fact: { type: farFact(view) }, because, patch }),
      ...noLongerCopied(input, output, because),
    ];
  },
  'make again': (view) => {
    const { output } = view.troubled;
    const here = view.repair.putAside.length > 0 ? 'output.corrupt' : 'output.absent';
    const type = output.state === 'deleted' ? farFact(view) : here;
    const end = view.live && { end: { phase: 'export', how: CLEANED } as const };
    const patch = { actedMs: view.now };
    return [onOutput(output.id, { fact: { type }, because: becauseOf(view), patch, ...end })];
  },
};

function farFact({ repair }: Repaired): 'far.corrupt' | 'far.absent' {
  return repair.putAside.length > 0 ? 'far.corrupt' : 'far.absent';
}

function becauseOf({ repair, by }: Repaired & Pick<RepairedBy, 'by'>): string {
  return `${repair.because}; cleaned by ${by}`;
}

/** An input goes back to where it is processed, once for all of its outputs that are made again. */
function madeAgain(done: readonly Repaired[], { by, now }: RepairedBy): readonly Finding[] {
  const again = new Set<FileId>();
  return done.flatMap((one): readonly Finding[] => {
    const { output, input } = one.troubled;
    if (one.repair.is !== 'make again' || again.has(input.id) || input.revision !== output.revision)
      return [];
    if (input.state !== 'done' && input.state !== 'copied') return [];
    again.add(input.id);
    const because = becauseOf({ ...one, by });
    const patch = { ...NO_TROUBLE, revision: null, acceptedAttempt: null, waiverId: null, actedMs: now };
    return [
      onInput(input.id, { fact: { type: 'output.absent' }, because: `${output.name}: ${because}` }),
      onInput(input.id, { fact: { type: 'operator.cleaned' }, because, patch }),
    ];
  });
}

const SENTENCES: Readonly<Record<Repair['is'], string>> = {
  forget: 'tried again',
  deleted: 'its far copy is the one that counts',
  'send again': 'it is sent again',
  'make again': 'it is made again from its input',
  left: 'left as it is',
};

/** What people are told of an output that was put right, or left as it is. */
export function repairTold({ troubled: { output }, repair: { is, because } }: Repaired) {
  const { name, state } = output;
  const isOver = is === 'forget' && (state === 'copied' || state === 'deleted');
  const sentence = isOver ? 'nothing is wrong with it' : SENTENCES[is];
  return { name, left: is === 'left', because: `${sentence}: ${because}` };
}
