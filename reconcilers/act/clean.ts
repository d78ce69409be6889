/**
 * Cleaning, by a person: what an attempt has begun is ended and put away, and
 * the file is back before the phase that failed, with nothing held against it.
 * History stays.
 */

import type { Phase } from '../../machines/model.ts';
import { type Draft, openDraft } from '../decide/change/draft.ts';
import { forgetSilence } from '../decide/facts/answers.ts';
import { acceptedOutputs } from '../decide/facts/process-view.ts';
import { NO_TROUBLE } from '../decide/judge/failures.ts';
import { type LiveWork, liveWork } from '../model/live-work.ts';
import type { LeaseTaken, Records } from '../model/records.ts';
import { type DatasetRow, EMPTY_PAGE, type InputRow, type OutputRow, type Page } from '../model/rows.ts';
import { type PageScope, scopeOf } from '../model/scope.ts';
import type { SitePorts } from '../ports/ports.ts';
import { forgetBytes } from './forget-bytes.ts';
import { attemptStores, leavings, putAway } from './put-away.ts';
import { underLease } from './under-lease.ts';

export interface Cleaned {
  readonly files: number;
  readonly cancelled: readonly string[];
  readonly quarantined: number;
  /** What was done about single files, or what a person can do. */
  readonly told?: readonly { readonly name: string; readonly left: boolean; readonly because: string }[];
}

export interface Cleaning {
  readonly records: Records;
  readonly ports: SitePorts;
  readonly signal: AbortSignal;
  /** Who does it, for the history. */
  readonly by: string;
}

/** Whether a file has anything to clean in a phase. */
export function isCleanable(input: InputRow, phase: Phase): boolean {
  if (input.state === 'error') return input.phase === phase;
  return phase === 'process' ? input.state === 'running' : false;
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
    const { ended, files } = await records.write(lease, dataset, async (writing) => {
      const scope = { ...cleaningScope(phase, now, 'inputs'), withOutputs: phase === 'process' };
      const page = await writing.reread({ ...EMPTY_PAGE, inputs }, scope);
      const draft = openDraft(page, { now, phase, retry: dataset.loaded.spec.retry });
      const work = liveWork(page);
      const cleanable = page.inputs.filter((input) => isCleanable(input, phase));
      const ending = cleanable.filter((input) => !forgetAccepted(page, work.get(input.id), now, draft));
      for (const input of ending) {
        const live = work.get(input.id);
        if (live) draft.add(forgetSilence(live));
        if (phase === 'verify') forgetBytes(input, draft);
        draft.find(input.id, {
          fact: { type: 'operator.cleaned' },
          because: `cleaned by ${cleaning.by}`,
          patch: { ...NO_TROUBLE, actedMs: now, ...(phase === 'process' ? {} : { copyPath: null }) },
          ...(live && { end: { phase: live.attempt.phase, revision: live.attempt.revision, how: CLEANED } }),
        });
      }
      await writing.commit(draft.change());
      return { files: cleanable.length, ended: names(ending.map((input) => work.get(input.id))) };
    });
    if (phase === 'process') {
      await ports.batch.cancel(ended, signal);
      // What cannot be seen must hold no place any more: no attempt of it counts.
      await ports.batch.settle(ended, signal);
    }
    await ports.spool.discardReports(ended, signal);
    const { found } = await leavings(attemptStores(dataset), ports, signal);
    const left = found.filter((file) => ended.includes(file.submission));
    const number = await records.write(lease, dataset, (writing) => writing.numbers(1));
    const away = await putAway(left, number, ports, signal);
    return { files, cancelled: ended, quarantined: away.length };
  });
}

/**
 * Forget the trouble of outputs that are accepted and still lack their final names: nothing
 * is undone, they get them at the next pass.
 *
 * @returns whether there were any: the attempt has gone well then, and is not ended
 */
function forgetAccepted(page: Page, live: LiveWork | undefined, now: number, draft: Draft): boolean {
  if (live === undefined) return false;
  const accepted = acceptedOutputs(page.outputs, live);
  for (const { id } of accepted) draft.touchOutput(id, { ...NO_TROUBLE, phase: null, actedMs: now });
  return accepted.length > 0;
}

/** How an attempt ends that a person has cleaned. */
export const CLEANED = { state: 'superseded', reason: 'cleaned by a person' } as const;

function names(works: readonly (LiveWork | undefined)[]): readonly string[] {
  return [...new Set(works.flatMap((work) => (work ? [work.submission.name] : [])))];
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
    const now = await records.now();
    await records.write(lease, dataset, async (writing) => {
      const page = await writing.reread({ ...EMPTY_PAGE, outputs }, cleaningScope(phase, now, 'outputs'));
      const draft = openDraft(page, { now, phase, retry: dataset.loaded.spec.retry });
      for (const { id, name } of page.outputs) {
        const retracted = answers.get(name)?.ok === true;
        draft.findOutput(id, {
          fact: retracted ? { type: 'output.retracted' } : null,
          because: `cleaned by ${by}`,
          patch: { ...NO_TROUBLE, phase: null, actedMs: now },
        });
      }
      await writing.commit(draft.change());
    });
    return { files: outputs.length, cancelled: [], quarantined: 0 };
  });
}

/** The scope of the very rows that are given: it only says which attempts come with them. */
export function cleaningScope(phase: Phase, now: number, subject: PageScope['subject']): PageScope {
  return scopeOf(phase, { now }, { subject, attemptsOf: phase === 'verify' ? 'transfer' : phase });
}
