/** Every kind of step there is, in the order in which the steps of a page are taken. */

import { type FileId, OWN_FOLDER } from '../../../machines/model.ts';
import type { DatasetSpec } from '../../../specs/types.ts';
import type { Decided, Decision, JoinedKind, Part, Step, StepKind } from '../../model/steps.ts';
import type { Standing } from '../change/change-of.ts';
import type { EmptiedPlace, WantedPlace } from '../wanted/wanted-places.ts';
import { archive } from './archive.ts';
import { cancel } from './cancel.ts';
import { copy } from './copy.ts';
import { declare } from './declare.ts';
import { deletion } from './delete.ts';
import type { Campaign, Counts, KindOf } from './kind.ts';
import { locate } from './locate.ts';
import { promote } from './promote.ts';
import { quarantine } from './quarantine.ts';
import { release } from './release.ts';
import { submit } from './submit.ts';
import { transfer } from './transfer.ts';

/** What each kind of step is. A kind that is missing does not compile. */
const KINDS: { readonly [K in StepKind]: KindOf<K> } = {
  transfer,
  copy,
  submit,
  promote,
  quarantine,
  cancel,
  declare,
  locate,
  delete: deletion,
  release,
  archive,
};

/** The kinds, in the order in which steps are taken. */
export const STEP_KINDS = Object.keys(KINDS) as readonly StepKind[];

/** What is said of a kind. */
export function kindOf<K extends StepKind>(kind: K): KindOf<K> {
  return KINDS[kind];
}

/** A part with its kind. */
export type Planned<K extends StepKind = StepKind> = {
  readonly [k in K]: { readonly kind: k; readonly part: Part<k> };
}[K];

/** What a decision does, with its kind; undefined where it is to wait. */
export function plannedBy(decision: Decision): Planned | undefined {
  if (decision.do === 'wait') return undefined;
  // The compiler does not see that kind and part belong together.
  if (decision.do === 'step') return { kind: decision.step.kind, part: decision.step } as Planned;
  return { kind: decision.do, part: decision } as Planned<JoinedKind>;
}

/** The file whose problem with a place is over when a decision is free to be carried out; null: none. */
export function aboutOf(decision: Decision): FileId | null {
  const planned = plannedBy(decision);
  return planned === undefined ? null : kindOf(planned.kind).about(planned.part);
}

/** The final places of a decision to do something; none where it makes none. */
export function placesMade(
  campaign: Campaign,
  decision: Decision,
  standing: Standing,
): readonly WantedPlace[] {
  const planned = plannedBy(decision);
  return planned === undefined ? [] : kindOf(planned.kind).makes(planned.part, campaign, standing);
}

/** The same of a step: those of each of its parts. */
export function placesOfStep(campaign: Campaign, step: Step, standing: Standing): readonly WantedPlace[] {
  const { parts, makes } = kindOf(step.kind);
  return parts(step, standing).flatMap((part) => makes(part, campaign, standing));
}

/** The final place a decision takes a file away from; undefined where it takes none away, or only an attempt's. */
export function placeEmptied({ name, decision }: Decided, standing: Standing): EmptiedPlace | undefined {
  const planned = plannedBy(decision);
  const place = planned === undefined ? null : kindOf(planned.kind).empties(planned.part, name, standing);
  return place === null || place.path.startsWith(`${OWN_FOLDER}/`) ? undefined : place;
}

/** The stores that a step writes to. */
export function storesWritten(step: Step, spec: DatasetSpec): readonly string[] {
  return kindOf(step.kind).writesTo(step, spec);
}

/** What a plan says of a step in its sums. */
export function countsOf(step: Step): Counts {
  return kindOf(step.kind).counts(step);
}
