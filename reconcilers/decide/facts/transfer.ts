/** What has happened to a file on its way here. */

import type { PassContext } from '../../model/context.ts';
import { counted } from '../../model/counted.ts';
import { type Finding, type InputFinding, onInput } from '../../model/findings.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { InputRow, Page } from '../../model/rows.ts';
import { look, type Observed, type World } from '../../model/world.ts';
import type { StoredFile } from '../../ports/store.ts';
import { standingOf } from '../change/change-of.ts';
import { optionsOf } from '../change/phase-rules.ts';
import { type WantedCopy, wantedCopy } from '../wanted/wanted.ts';
import { type Followed, followMove } from './moves.ts';
import { retryDue } from './retry-due.ts';

/** Everything that facts and rules may know of a file that is to come. */
export interface TransferView {
  readonly context: PassContext;
  readonly input: InputRow;
  readonly wanted: WantedCopy;
  /** What brings it just now. */
  readonly live: LiveWork | undefined;
  /** What lies where its copy is to lie. */
  readonly place: Observed<StoredFile>;
  readonly seen: World;
}

/** Gather what is known of a file. */
export function transferView(
  context: PassContext,
  input: InputRow,
  live: LiveWork | undefined,
  seen: World,
): TransferView {
  const wanted = wantedCopy(context, input);
  const place = look(seen.stats.get(wanted.store), wanted.path, input.actedMs);
  return { context, input, wanted, live, place, seen };
}

/** What has happened to the files of a page; those whose next try is due are looked at as pending. */
export function findTransfers(context: PassContext, page: Page, seen: World): readonly Finding[] {
  const due = retryDue(page, context.now, ['transfer']);
  const standing = standingOf(page, due, optionsOf(context, 'transfer'));
  const work = liveWork(page);
  const views = page.inputs
    .map(({ id }) => standing.input(id))
    .filter(({ state }) => state === 'pending')
    .map((input) => transferView(context, input, work.get(input.id), seen));
  return [...due, ...views.flatMap(transferFacts)];
}

/** What has happened to one file: a live attempt of ours brings it, or nobody we know of. */
function transferFacts(view: TransferView): readonly Finding[] {
  const { input, live } = view;
  if (live !== undefined) return brought(view, live);
  const finding = delivered(view) ?? vanished(view);
  return finding === undefined ? [] : [onInput(input.id, finding)];
}

/** Somebody has put a file where it is to lie. */
function delivered({ wanted, place }: TransferView): InputFinding | undefined {
  if (place.is !== 'present') return undefined;
  return {
    fact: { type: 'copy.present' },
    because: `${wanted.store}:${wanted.path} is there (${counted(place.value.sizeBytes, 'byte')})`,
    patch: { copyPath: wanted.path },
  };
}

/** Stands for each byte of a name that is not UTF-8. */
const NO_UTF8 = '\uFFFD';

/** A file that is processed where it lies is no longer there: nothing brings it. */
function vanished({ wanted, place }: TransferView): InputFinding | undefined {
  if (place.is !== 'absent' || !wanted.inPlace) return undefined;
  const where = `${wanted.store}:${wanted.path}`;
  // A store's own bytes of such a name are not known: it was listed, and cannot be asked for.
  const reason = wanted.path.includes(NO_UTF8)
    ? `the name of ${where} is not UTF-8, so that the file cannot be read; give it another name`
    : `the file has vanished from ${where}; put it back, then resubmit it`;
  return { fact: { type: 'transfer.failed' }, because: reason, failure: { class: 'data', reason } };
}

/** What has become of a file that an attempt of ours is bringing, and of that attempt. */
function brought({ context, input, seen }: TransferView, live: LiveWork): readonly Finding[] {
  const { followed, findings } = followMove(context, live, input.actedMs, seen);
  const finding = ofMove(followed, live);
  return finding === undefined ? findings : [...findings, onInput(input.id, finding)];
}

function ofMove(followed: Followed, { attempt }: LiveWork): InputFinding | undefined {
  const end = { phase: 'transfer', revision: attempt.revision } as const;
  switch (followed.is) {
    case 'under way':
      return undefined;
    case 'never begun':
      return { fact: null, because: 'never begun', end: { ...end, how: followed.end } };
    case 'failed':
      return {
        fact: { type: 'transfer.failed' },
        because: followed.failure.reason,
        failure: followed.failure,
        end: { ...end, how: followed.end },
      };
    case 'arrived':
      return {
        fact: { type: 'copy.present' },
        because: `attempt ${attempt.number} arrived (${counted(followed.copy.sizeBytes, 'byte')})`,
        patch: { copyPath: attempt.path },
      };
  }
}
