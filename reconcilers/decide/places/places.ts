/**
 * A final place belongs to one input of one dataset (law 4).
 *
 * Whose it is stands in the database and is asked before any job runs: who finds it taken
 * waits and says whose it is. What is begun claims its places with its intents, so that of
 * two who want one place at the same moment one is refused by the table's primary key.
 */

import type { FileId, StorePath } from '../../../machines/model.ts';
import { KEPT, NAME_REFUSED, PLACE_TAKEN, WAITING_PROBLEMS } from '../../../machines/problems.ts';
import type { PassContext } from '../../model/context.ts';
import { type Finding, onProblem } from '../../model/findings.ts';
import { type NewClaim, placeKey } from '../../model/holders.ts';
import type { Page } from '../../model/rows.ts';
import type { Decided, Step } from '../../model/steps.ts';
import { type StopCode, stop } from '../../model/stops.ts';
import { look, type Observed, type Questions, type World } from '../../model/world.ts';
import type { Place } from '../../ports/store.ts';
import { type Standing, standingOf } from '../change/change-of.ts';
import { optionsOf, type PhaseRules } from '../change/phase-rules.ts';
import { aboutOf, placeEmptied, placesMade, placesOfStep } from '../steps/kinds.ts';
import type { WantedPlace } from '../wanted/wanted-places.ts';
import { belongs, isRead, keptBecause } from './place-sentences.ts';

/** Ask where the paths lie that the steps of a page would make something in, or take something away from. */
export function askedPlaces(rules: PhaseRules, context: PassContext, page: Page, seen: World): Questions {
  const standing = standingOf(page, rules.find(context, page, seen), optionsOf(context, rules.phase));
  const places = rules.decide(context, page, seen, standing).flatMap((one) => {
    const emptied = placeEmptied(one, standing);
    return [...placesMade(context, one.decision, standing), ...(emptied ? [emptied] : [])];
  });
  return { places: places.map(({ store, path }) => ({ store, path })) };
}

function placeOf(seen: World, { store, path }: { readonly store: string; readonly path: StorePath }) {
  return look(seen.places.get(store), path, 0);
}

/** Why a decision is not carried out. @param problem  what people are told of it; null: nothing, it ends by itself */
interface Blocked {
  readonly code: StopCode;
  readonly because: string;
  readonly problem: { readonly kind: string; readonly fileId: FileId | null } | null;
}

/** Decisions that respect whose the places are, and what people are told of the others. */
export interface Placed {
  readonly decided: readonly Decided[];
  readonly findings: readonly Finding[];
}

/**
 * Turn what would make a file in a place of another, or take a file away that another needs,
 * into waits. Of several files of a page that want one place the first gets it.
 */
export function withinPlaces(
  context: PassContext,
  decided: readonly Decided[],
  page: Page,
  seen: World,
  standing: Standing,
): Placed {
  const findings: Finding[] = [];
  const taken = new Map<string, string>();
  const blocked = new Map<FileId, string>();
  const free = new Set<FileId>();
  const kept = decided.map((one): Decided => {
    const found = whyNot(context, one, seen, standing, taken);
    const about = aboutOf(one.decision);
    if (found === undefined) {
      if (about !== null) free.add(about);
      return one;
    }
    const { because, problem } = found;
    if (problem !== null && problem.fileId !== null) {
      blocked.set(problem.fileId, problem.kind);
      findings.push(...problemOf(seen, problem.kind, problem.fileId, because));
    }
    return { ...one, rule: 'withinPlaces', decision: { do: 'wait', stop: stop(found.code, because) } };
  });
  for (const { id, retiredMs } of page.inputs) if (retiredMs !== null) free.add(id);
  for (const fileId of free) if (!blocked.has(fileId)) findings.push(...over(seen, fileId));
  return { decided: kept, findings };
}

function problemOf(seen: World, kind: string, fileId: FileId, message: string): readonly Finding[] {
  if (seen.holders.openProblems.get(kind)?.get(fileId) === message) return [];
  return [onProblem(kind, fileId, { class: 'data', message })];
}

function over(seen: World, fileId: FileId): readonly Finding[] {
  const open = [...WAITING_PROBLEMS, KEPT].filter((kind) => seen.holders.openProblems.get(kind)?.has(fileId));
  return open.map((kind) => onProblem(kind, fileId, null));
}

function whyNot(
  context: PassContext,
  one: Decided,
  seen: World,
  standing: Standing,
  taken: Map<string, string>,
): Blocked | undefined {
  const made = placesMade(context, one.decision, standing);
  const about = aboutOf(one.decision);
  const keys: string[] = [];
  for (const wanted of made) {
    const at = placeOf(seen, wanted);
    // A far end that is down holds up no job: its place is claimed before anything is copied there.
    if (at.is !== 'present' && wanted.isLater) continue;
    if (at.is !== 'present') return notSaid(wanted, at);
    if (at.value.refused !== null) {
      const because = `${wanted.store}:${wanted.path} cannot be: ${at.value.refused}; give the output a shorter name or path`;
      return { code: 'name.refused', because, problem: { kind: NAME_REFUSED, fileId: about } };
    }
    const because = whoseElse(context, wanted, at.value, seen, taken);
    if (because !== undefined)
      return { code: 'place.taken', because, problem: { kind: PLACE_TAKEN, fileId: about } };
    keys.push(placeKey(at.value));
  }
  for (const key of keys) taken.set(key, made[0]?.input ?? '');
  return whyKept(context, one, seen, standing);
}

function notSaid(
  { store, path }: { readonly store: string; readonly path: StorePath },
  at: Exclude<Observed<Place>, { readonly is: 'present' }>,
): Blocked {
  const why = at.is === 'unknown' ? at.why : 'it has none';
  const because = `${store} has not said where ${path} lies: ${why}`;
  return { code: 'system.silent', because, problem: null };
}

/** Who else has a place that an input is to have; undefined where it is free, or the input's already. */
function whoseElse(
  { dataset }: PassContext,
  wanted: WantedPlace,
  at: Place,
  seen: World,
  taken: ReadonlyMap<string, string>,
): string | undefined {
  if (wanted.kind === 'archive') return undefined;
  const { owners, readers, unsure } = seen.holders;
  const key = placeKey(at);
  const owner = owners.get(key);
  if (owner !== undefined) {
    const isOurs = owner.datasetId === dataset.id && owner.inputId === wanted.inputId;
    return isOurs ? undefined : belongs(wanted, owner, dataset);
  }
  const [reader] = readers.get(key) ?? [];
  if (reader !== undefined) return isRead(wanted, reader, dataset);
  const first = taken.get(key);
  if (first !== undefined && first !== wanted.input) {
    const { id: datasetId, name } = dataset;
    return belongs(wanted, { datasetId, dataset: name, inputId: 0, input: first }, dataset);
  }
  return unsure.get(wanted.path.split('/').at(-1) ?? '');
}

/** Why a file is not taken away: it is another's, or another reads it, or nobody can say. */
function whyKept(
  { dataset }: PassContext,
  one: Decided,
  seen: World,
  standing: Standing,
): Blocked | undefined {
  const emptied = placeEmptied(one, standing);
  if (emptied === undefined) return undefined;
  const at = placeOf(seen, emptied);
  if (at.is !== 'present') return notSaid(emptied, at);
  const { owners, readers, unsure } = seen.holders;
  const key = placeKey(at.value);
  const isOther = (holder: { readonly datasetId: number; readonly input: string | null }) =>
    holder.datasetId !== dataset.id || holder.input !== emptied.input;
  const owner = owners.get(key);
  const reader = (readers.get(key) ?? []).find((each) => each.needed && isOther(each));
  const because =
    (owner && isOther(owner) ? keptBecause(emptied, owner, 'belongs to') : undefined) ??
    (reader ? keptBecause(emptied, reader, 'is the raw file of') : undefined) ??
    unsure.get(emptied.path.split('/').at(-1) ?? '');
  if (because === undefined) return undefined;
  return { code: 'place.kept', because, problem: { kind: KEPT, fileId: emptied.fileId } };
}

/** The claims that go with the intents of steps; none for what is the input's already. */
export function claimsOf(
  context: PassContext,
  steps: readonly Step[],
  seen: World,
  standing: Standing,
): readonly NewClaim[] {
  const claims = new Map<string, NewClaim>();
  for (const wanted of steps.flatMap((step) => placesOfStep(context, step, standing))) {
    const { store, path: storePath, kind, inputId, outputKey } = wanted;
    const place = kind === 'archive' ? beside(seen, wanted) : placeOf(seen, wanted);
    if (place.is !== 'present') continue;
    const key = placeKey(place.value);
    if (seen.holders.owners.has(key)) continue;
    const { place: name, path } = place.value;
    claims.set(key, { place: name, path, kind, inputId, outputKey, store, storePath });
  }
  return [...claims.values()];
}

/** Where a tar lies that has its number by now: it was asked of a neighbour in the same folder. */
function beside(seen: World, { store, path }: WantedPlace): Observed<Place> {
  const folderOf = (one: string) => one.slice(0, one.lastIndexOf('/') + 1);
  for (const answer of seen.places.get(store) ?? []) {
    for (const [asked, place] of answer.found) {
      if (folderOf(asked) !== folderOf(path)) continue;
      const name = path.slice(folderOf(path).length);
      return { is: 'present', value: { ...place, path: folderOf(place.path) + name } };
    }
  }
  return { is: 'unknown', why: 'not asked in this pass' };
}
