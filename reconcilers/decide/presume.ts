/**
 * What the rules say of files before anything outside is looked at: that nothing has changed
 * there since the last look. So a million files can be told apart by one of each kind.
 */
import type { PassContext } from '../model/context.ts';
import { liveWork } from '../model/live-work.ts';
import type { InputRow, Page } from '../model/rows.ts';
import { type Answer, NOTHING_SEEN, type World } from '../model/world.ts';
import type { StoredFile } from '../ports/store.ts';
import { changeOf } from './change/change-of.ts';
import { optionsOf, type PhaseRules } from './change/phase-rules.ts';
import type { Considered } from './consider.ts';
import { withinSuspensions } from './steps/within-suspensions.ts';
import { wantedCopy } from './wanted/wanted.ts';

/** The decisions about a page whose world is presumed; places, space and budgets are not asked. */
export function presume(
  rules: PhaseRules,
  context: PassContext,
  page: Page,
): Pick<Considered, 'decided' | 'moves'> {
  const world = presumedWorld(context, page);
  const found = rules.find(context, page, world);
  const { change, standing } = changeOf(page, found, optionsOf(context, rules.phase));
  const decided = rules.decide(context, page, world, standing);
  return { decided: withinSuspensions(context, rules.phase, decided), moves: change.transitions };
}

/** A file that is to come has not come, and one that was verified lies where it lay; nothing else is presumed. */
function presumedWorld(context: PassContext, page: Page): World {
  const work = liveWork(page);
  const copies = page.inputs
    .filter(({ id }) => !work.has(id))
    .flatMap((input) => presumedCopy(context, input));
  const { store } = context.dataset.loaded.spec.input;
  const answer: Answer<string, StoredFile> = {
    askedAt: context.now,
    complete: true,
    asked: new Set(copies.map(({ path }) => path)),
    found: new Map(copies.flatMap(({ path, copy }) => (copy === null ? [] : [[path, copy]]))),
    unknown: new Map(),
  };
  return { ...NOTHING_SEEN, stats: new Map([[store, [answer]]]) };
}

/** The copy of a file, where its state says what it was when it was looked at last; null: there was none. */
function presumedCopy(
  context: PassContext,
  input: InputRow,
): readonly { readonly path: string; readonly copy: StoredFile | null }[] {
  const { state, phase, copyPath, sizeBytes } = input;
  const wanted = wantedCopy(context, input);
  const isToCome = state === 'pending' || (state === 'error' && phase === 'transfer');
  if (isToCome) return wanted.inPlace ? [] : [{ path: wanted.path, copy: null }];
  const isHere = state === 'verified' || (state === 'error' && phase === 'process');
  if (!isHere || copyPath === null || sizeBytes === null) return [];
  return [{ path: wanted.path, copy: { sizeBytes } }];
}
