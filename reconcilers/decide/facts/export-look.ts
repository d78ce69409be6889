/**
 * Looking again at what was exported: does the far copy still lie there, and the
 * one here where it is kept?
 *
 *   copied ──far.absent──► promoted            (sent again: the copy here is good)
 *   copied ──output.deleted──► deleted         (the copy here is gone, the far one proved)
 *
 * Anything else that is wrong is trouble of the output: a person sees it in
 * `errors`, and ends it with `clean`. It is over by itself when both copies agree.
 */
import type { DeleteProof } from '../../../specs/types.ts';
import type { PassContext } from '../../model/context.ts';
import { type Finding, onInput, onOutput, patchOutput } from '../../model/findings.ts';
import type { InputRow, OutputRow, Page } from '../../model/rows.ts';
import { look, type Questions, type World } from '../../model/world.ts';
import { NO_TROUBLE } from '../judge/failures.ts';
import { depthOf, isBad, type Proof, proofFor, proofText, prove } from '../judge/proof.ts';
import { parentsOf } from './parents.ts';
import type { PlaceOf } from './scrub.ts';

/** An output's far copy, and what the spec says of the one here. */
export interface FarCopy {
  readonly store: string;
  readonly path: string;
  /** Whether the copy here goes once the far one is proved. */
  readonly thenDelete: boolean;
}

/** What both places say of an output. */
export interface BothProofs {
  readonly far: Proof;
  readonly here: Proof;
}

/** The far copy of an output that counts; undefined where there is none that anybody must look after. */
export function farCopyOf(
  { dataset }: Pick<PassContext, 'dataset'>,
  input: InputRow,
  { key, state, farPath, farStore, revision }: OutputRow,
): FarCopy | undefined {
  const { spec, site } = dataset.loaded;
  const wanted = spec.outputs.find((one) => one.key === key)?.export;
  if (wanted == null || farPath === null || (state !== 'copied' && state !== 'deleted')) return undefined;
  const store = farStore ?? wanted.to;
  if (site.stores[store] === undefined) return undefined;
  const leaves = state === 'copied' && wanted.thenDelete;
  if (!leaves && input.revision !== revision) return undefined;
  return { store, path: farPath, thenDelete: wanted.thenDelete };
}

/** The place whose bytes of an exported output are read again: the copy here, or the far one where that is the only one. */
export function exportedPlace(context: PassContext, page: Page): PlaceOf {
  const parentOf = parentsOf(page);
  return (output) => {
    const far = farCopyOf(context, parentOf(output), output);
    return output.state === 'deleted' || far === undefined ? far : output;
  };
}

/** Both places of exported outputs: before a deletion in every pass, the others at a resync. */
export function statsForExported(context: PassContext, page: Page): NonNullable<Questions['stats']> {
  const parentOf = parentsOf(page);
  return page.outputs.flatMap((output) => {
    const copy = farCopyOf(context, parentOf(output), output);
    const leaves = output.state === 'copied' && copy?.thenDelete === true;
    if (copy === undefined || !(leaves || context.resync || page.scrub !== null)) return [];
    // What a look at sizes does not show must not be forgotten by one.
    const doubtful = output.class !== null;
    const depth = doubtful || leaves ? depthOf(proofFor(context, copy.store)) : 'size';
    const far = { store: copy.store, path: copy.path, depth };
    const here = { store: output.store, path: output.path, depth: doubtful ? 'checksum' : 'size' } as const;
    return output.state === 'deleted' ? [far] : [far, here];
  });
}

/** An exported output, its far copy, and what both places say of it. */
export interface LookView extends BothProofs {
  readonly input: InputRow;
  readonly output: OutputRow;
  readonly copy: FarCopy;
  /** How a copy at the far end is proved. */
  readonly by: DeleteProof;
}

/** The look at an output with a far copy that somebody must look after; undefined where there is none. */
export function lookViewOf(
  context: PassContext,
  input: InputRow,
  output: OutputRow,
  seen: World,
): LookView | undefined {
  const copy = farCopyOf(context, input, output);
  if (copy === undefined) return undefined;
  const proofs = bothProofs(context, copy, output, seen);
  return { input, output, copy, by: proofFor(context, copy.store), ...proofs };
}

/** Move an exported output by what its places say, or note what is wrong with them. */
export function lookAtExported(view: LookView): readonly Finding[] {
  if (view.far.is === 'unknown') return [];
  return LOOKS.map((fact) => fact(view)).find((found) => found !== undefined) ?? [];
}

/** The first that finds something is all there is to say. */
const LOOKS: readonly ((view: LookView) => readonly Finding[] | undefined)[] = [
  foundDeleted,
  foundFarCopyGone,
  foundDamage,
  foundWell,
];

function foundDeleted({ output, copy, far, here, by }: LookView): readonly Finding[] | undefined {
  if (output.state !== 'copied' || !copy.thenDelete || far.is !== 'proved' || here.is !== 'gone') return;
  const because = `the copy here is gone, ${placeOf(copy)} agrees by ${by}`;
  return [onOutput(output.id, { fact: { type: 'output.deleted' }, because })];
}

function foundFarCopyGone({ input, output, copy, far, here }: LookView): readonly Finding[] | undefined {
  if (output.state !== 'copied' || far.is !== 'gone' || !isGood(here)) return undefined;
  const because = `${placeOf(copy)} is gone; the copy here is sent again`;
  const moved = onOutput(output.id, { fact: { type: 'far.absent' }, because, patch: NO_FAR_COPY });
  return [moved, ...noLongerCopied(input, output, because)];
}

function foundDamage(view: LookView): readonly Finding[] | undefined {
  const { input, output } = view;
  const reason = DAMAGES.map((damage) => damage(view)).find((one) => one !== undefined);
  if (reason === undefined) return undefined;
  const missing = noLongerCopied(input, output, reason);
  if (output.reason === reason) return missing;
  const failure = { class: 'data', reason } as const;
  return [...missing, onOutput(output.id, { fact: null, because: reason, failure })];
}

/** Trouble is over by itself when both places were seen to be well. */
function foundWell({ output, here }: LookView): readonly Finding[] | undefined {
  if (output.class === null || (output.state !== 'deleted' && here.is === 'unknown')) return undefined;
  return [patchOutput(output.id, { ...NO_TROUBLE, phase: null })];
}

/** Without a far copy. */
export const NO_FAR_COPY = { farPath: null, farStore: null } as const;

/** What both places say; what was not asked about is unknown. */
export function bothProofs(
  context: PassContext,
  copy: Pick<FarCopy, 'store' | 'path'> & { readonly thenDelete?: boolean },
  output: OutputRow,
  seen: World,
): BothProofs {
  const doubtful = output.class !== null || (output.state === 'copied' && copy.thenDelete === true);
  const by = doubtful ? proofFor(context, copy.store) : 'size';
  const far = prove(look(seen.stats.get(copy.store), copy.path, output.actedMs), output, by);
  const here = prove(look(seen.stats.get(output.store), output.path, output.actedMs), output, 'size');
  return { far, here };
}

/** Whether a copy may be sent on: what arrives is proved once more. */
export function isGood(proof: Proof): boolean {
  return proof.is === 'proved' || proof.is === 'unprovable';
}

/** An input one of whose exported outputs is not there is no longer `copied`. */
export function noLongerCopied(input: InputRow, output: OutputRow, because: string): readonly Finding[] {
  if (input.revision !== output.revision) return [];
  return [onInput(input.id, { fact: { type: 'outputs.missing' }, because: `${output.name}: ${because}` })];
}

const placeOf = ({ store, path }: FarCopy) => `${store}:${path}`;

/** What may be wrong, each with the way out; the first that is says it. What was not answered is not wrong. */
const DAMAGES: readonly ((view: LookView) => string | undefined)[] = [
  farCopyCannotBeCompared,
  onlyCopyIsBad,
  noGoodCopyIsLeft,
  farCopyIsBad,
  copyHereIsBad,
];

function farCopyCannotBeCompared(view: LookView): string | undefined {
  if (view.far.is !== 'unprovable') return undefined;
  return `${farText(view)}; say \`deleteProof: size\` of store ${view.copy.store} if its size is proof enough, then \`rereco clean ${view.output.name}\``;
}

function onlyCopyIsBad(view: LookView): string | undefined {
  if (view.output.state !== 'deleted' || !isBad(view.far)) return undefined;
  return `${farText(view)}, and the copy here was deleted: no good one is left; ${againText(view)}`;
}

function noGoodCopyIsLeft(view: LookView): string | undefined {
  if (view.output.state === 'deleted' || !isBad(view.far) || !isBad(view.here)) return undefined;
  return `${farText(view)}, and ${hereText(view)}: no good copy is left; ${againText(view)}`;
}

function farCopyIsBad(view: LookView): string | undefined {
  if (view.output.state === 'deleted' || !isBad(view.far) || view.here.is === 'unknown') return undefined;
  return `${farText(view)}; \`rereco clean ${view.output.name}\` puts it aside and sends the copy here again`;
}

function copyHereIsBad(view: LookView): string | undefined {
  const { output, copy, here } = view;
  if (output.state === 'deleted' || !isBad(here)) return undefined;
  const sure = `${hereText(view)}; ${placeOf(copy)} agrees: `;
  return copy.thenDelete
    ? `${sure}\`rereco clean ${output.name}\` puts the copy here aside`
    : `${sure}copy it back and \`rereco clean ${output.name}\`, or ${againText(view)}`;
}

const farText = ({ copy, far }: LookView) => `${placeOf(copy)} ${proofText(far)}`;

const hereText = ({ output: { store, path }, here }: LookView) => `${store}:${path} ${proofText(here)}`;

const againText = ({ output }: LookView) => `\`rereco resubmit ${output.name}\` makes it again`;
