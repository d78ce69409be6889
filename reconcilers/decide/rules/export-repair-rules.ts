/** What is done about an output that is put right: the first rule that answers decides. */
import type { InputRow, OutputRow } from '../../model/rows.ts';
import { type BothProofs, isGood } from '../facts/export-look.ts';
import { isBad, type Proof, proofText } from '../judge/proof.ts';

/** What is done about one output. */
export type Repair = { readonly because: string; readonly putAside: readonly Place[] } & (
  | { readonly is: 'forget' | 'deleted' | 'send again' | 'make again' }
  /** Nothing can be done just now; `because` says what can. */
  | { readonly is: 'left' }
);

/** A file in a store. */
export interface Place {
  readonly store: string;
  readonly path: string;
}

/** What a repair may know of an output. */
export interface Troubled {
  readonly output: OutputRow;
  readonly input: InputRow;
  /** Its far copy, or the place that is to become it. */
  readonly far: Place & { readonly thenDelete: boolean };
  /** Where its copies are: at both ends, at the far end only, here only. */
  readonly stands: 'copied' | 'deleted' | 'unsent';
  /** Whether a lost output of the same input had its far copy there: what lies there is ours. */
  readonly isOurs: boolean;
}

/** Everything a rule may know of an output that is put right. */
export interface RepairView extends Troubled {
  readonly proofs: BothProofs;
}

type RepairRule = (view: RepairView) => Repair | undefined;

type RepairRules = readonly [...(readonly RepairRule[]), (view: RepairView) => Repair];

/** An output whose two copies are looked at: no answer, then the far copy, then the one here. */
const COPIED_RULES: RepairRules = [
  placeIsSilent,
  farCopyCannotBeCompared,
  sendAgain,
  makeBothAgain,
  nothingIsWrong,
  farCopyCounts,
  copyHereIsMissed,
];

/** An output whose far copy is the only one. */
const DELETED_RULES: RepairRules = [farPlaceIsSilent, farCopyIsGood, makeOnlyAgain];

/** An output that has not come to the far end: is the copy here what it should be, and the place there free? */
const UNSENT_RULES: RepairRules = [
  placeHereIsSilent,
  copyHereIsBad,
  farPlaceIsFree,
  ourLeavingsPutAside,
  placeIsTaken,
];

/** Which rules say what is done about an output, by where it stands. */
export const REPAIR_RULES: Readonly<Record<Troubled['stands'], RepairRules>> = {
  copied: COPIED_RULES,
  deleted: DELETED_RULES,
  unsent: UNSENT_RULES,
};

/** The first repair, and the rule that gave it. */
export function firstRepair(view: RepairView): { readonly rule: string; readonly repair: Repair } {
  for (const rule of REPAIR_RULES[view.stands]) {
    const repair = rule(view);
    if (repair !== undefined) return { rule: rule.name, repair };
  }
  throw new Error('the last rule of a list always answers; please report');
}

const farText = ({ far, proofs }: RepairView) => `${far.store}:${far.path} ${proofText(proofs.far)}`;

const hereText = ({ output: { store, path }, proofs }: RepairView) =>
  `${store}:${path} ${proofText(proofs.here)}`;

const forget = (because: string): Repair => ({ is: 'forget', because, putAside: [] });

const left = (because: string): Repair => ({ is: 'left', because, putAside: [] });

const unanswered = (place: string) => left(`${place}; clean it again when it does`);

/** A place in which other bytes lie than the output's: what is gone needs no putting aside. */
const ifOther = (proof: Proof, { store, path }: Place): readonly Place[] =>
  proof.is === 'differs' ? [{ store, path }] : [];

const badFarCopy = ({ far, proofs }: RepairView) => ifOther(proofs.far, far);

const badCopyHere = ({ output, proofs }: RepairView) => ifOther(proofs.here, output);

function placeIsSilent(view: RepairView): Repair | undefined {
  return farPlaceIsSilent(view) ?? placeHereIsSilent(view);
}

function farPlaceIsSilent(view: RepairView): Repair | undefined {
  return view.proofs.far.is === 'unknown' ? unanswered(farText(view)) : undefined;
}

function placeHereIsSilent(view: RepairView): Repair | undefined {
  return view.proofs.here.is === 'unknown' ? unanswered(hereText(view)) : undefined;
}

function farCopyCannotBeCompared(view: RepairView): Repair | undefined {
  if (view.proofs.far.is !== 'unprovable') return undefined;
  return left(
    `${farText(view)}; say \`deleteProof: size\` of store ${view.far.store} if its size is proof enough`,
  );
}

function sendAgain(view: RepairView): Repair | undefined {
  if (!isBad(view.proofs.far) || !isGood(view.proofs.here)) return undefined;
  const because = `${farText(view)}, ${hereText(view)}`;
  return { is: 'send again', because, putAside: badFarCopy(view) };
}

function makeBothAgain(view: RepairView): Repair | undefined {
  if (!isBad(view.proofs.far)) return undefined;
  const because = `${farText(view)}, ${hereText(view)}`;
  return { is: 'make again', because, putAside: [...badFarCopy(view), ...badCopyHere(view)] };
}

function nothingIsWrong(view: RepairView): Repair | undefined {
  return isBad(view.proofs.here) ? undefined : forget(`${farText(view)}, ${hereText(view)}`);
}

function farCopyCounts(view: RepairView): Repair | undefined {
  if (!view.far.thenDelete) return undefined;
  const because = `${hereText(view)}, ${farText(view)}`;
  return { is: 'deleted', because, putAside: badCopyHere(view) };
}

function copyHereIsMissed(view: RepairView): Repair {
  const because = `${hereText(view)}, ${farText(view)}`;
  return { is: 'make again', because, putAside: badCopyHere(view) };
}

function farCopyIsGood(view: RepairView): Repair | undefined {
  return isBad(view.proofs.far) ? undefined : forget(farText(view));
}

function makeOnlyAgain(view: RepairView): Repair {
  const because = `${farText(view)}, and the copy here was deleted`;
  return { is: 'make again', because, putAside: badFarCopy(view) };
}

function copyHereIsBad(view: RepairView): Repair | undefined {
  if (!isBad(view.proofs.here)) return undefined;
  return { is: 'make again', because: hereText(view), putAside: badCopyHere(view) };
}

function farPlaceIsFree(view: RepairView): Repair | undefined {
  return view.proofs.far.is === 'differs' ? undefined : forget(hereText(view));
}

function ourLeavingsPutAside(view: RepairView): Repair | undefined {
  if (!view.isOurs) return undefined;
  return { is: 'forget', because: `${farText(view)}, ${hereText(view)}`, putAside: badFarCopy(view) };
}

function placeIsTaken(view: RepairView): Repair {
  return left(`${farText(view)}, and no output of ours is known to have been there; put it away by hand`);
}
