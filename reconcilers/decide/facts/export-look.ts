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
import type { PassContext } from '../../model/context.ts';
import type { InputRow, OutputRow, Page } from '../../model/rows.ts';
import { look, type Questions, type World } from '../../model/world.ts';
import type { Draft } from '../change/draft.ts';
import { NO_TROUBLE } from '../judge/failures.ts';
import { depthOf, isBad, type Proof, proofFor, proofText, prove } from '../judge/proof.ts';
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
  input: InputRow | undefined,
  { key, state, farPath, farStore, revision }: OutputRow,
): FarCopy | undefined {
  const { spec, site } = dataset.loaded;
  const wanted = spec.outputs.find((one) => one.key === key)?.export;
  if (wanted == null || farPath === null || (state !== 'copied' && state !== 'deleted')) return undefined;
  const store = farStore ?? wanted.to;
  if (site.stores[store] === undefined) return undefined;
  const leaves = state === 'copied' && wanted.thenDelete;
  if (!leaves && input?.revision !== revision) return undefined;
  return { store, path: farPath, thenDelete: wanted.thenDelete };
}

/** The place whose bytes of an exported output are read again: the copy here, or the far one where that is the only one. */
export function exportedPlace(context: PassContext, page: Page): PlaceOf {
  const inputs = new Map(page.inputs.map((input) => [input.id, input]));
  return (output) => {
    const far = farCopyOf(context, inputs.get(output.inputId), output);
    return output.state === 'deleted' || far === undefined ? far : output;
  };
}

/** Both places of exported outputs: before a deletion in every pass, the others at a resync. */
export function statsForExported(context: PassContext, page: Page): NonNullable<Questions['stats']> {
  const inputs = new Map(page.inputs.map((input) => [input.id, input]));
  return page.outputs.flatMap((output) => {
    const copy = farCopyOf(context, inputs.get(output.inputId), output);
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

/** Move an exported output by what its places say, or note what is wrong with them. */
export function lookAtExported(
  context: PassContext,
  input: InputRow,
  output: OutputRow,
  seen: World,
  draft: Draft,
): void {
  const copy = farCopyOf(context, input, output);
  if (copy === undefined) return;
  const proofs = bothProofs(context, copy, output, seen);
  if (proofs.far.is === 'unknown') return;
  if (
    output.state === 'copied' &&
    copy.thenDelete &&
    proofs.far.is === 'proved' &&
    proofs.here.is === 'gone'
  ) {
    const because = `the copy here is gone, ${placeOf(copy)} agrees by ${proofFor(context, copy.store)}`;
    draft.findOutput(output.id, { fact: { type: 'output.deleted' }, because });
    return;
  }
  if (output.state === 'copied' && proofs.far.is === 'gone' && isGood(proofs.here)) {
    const because = `${placeOf(copy)} is gone; the copy here is sent again`;
    draft.findOutput(output.id, { fact: { type: 'far.absent' }, because, patch: NO_FAR_COPY });
    noLongerCopied(input, output, because, draft);
    return;
  }
  const damage = damageOf(output, copy, proofs);
  if (damage === undefined) return;
  if (damage === 'none') forgetTrouble(output, draft);
  else tellDamage(input, output, damage, draft);
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
export function noLongerCopied(input: InputRow, output: OutputRow, because: string, draft: Draft): void {
  if (input.revision !== output.revision) return;
  draft.find(input.id, { fact: { type: 'outputs.missing' }, because: `${output.name}: ${because}` });
}

const placeOf = ({ store, path }: FarCopy) => `${store}:${path}`;

/** What is wrong, and the way out; undefined while an answer is missing. */
function damageOf(
  { name, state, store, path }: OutputRow,
  copy: FarCopy,
  { far, here }: BothProofs,
): string | 'none' | undefined {
  const there = `${placeOf(copy)} ${proofText(far)}`;
  const local = `${store}:${path} ${proofText(here)}`;
  const again = `\`rereco resubmit ${name}\` makes it again`;
  if (far.is === 'unprovable') {
    return `${there}; say \`deleteProof: size\` of store ${copy.store} if its size is proof enough, then \`rereco clean ${name}\``;
  }
  if (state === 'deleted') {
    return isBad(far) ? `${there}, and the copy here was deleted: no good one is left; ${again}` : 'none';
  }
  if (here.is === 'unknown') return undefined;
  if (isBad(far)) {
    return isBad(here)
      ? `${there}, and ${local}: no good copy is left; ${again}`
      : `${there}; \`rereco clean ${name}\` puts it aside and sends the copy here again`;
  }
  if (!isBad(here)) return 'none';
  return copy.thenDelete
    ? `${local}; ${placeOf(copy)} agrees: \`rereco clean ${name}\` puts the copy here aside`
    : `${local}; ${placeOf(copy)} agrees: copy it back and \`rereco clean ${name}\`, or ${again}`;
}

function tellDamage(input: InputRow, output: OutputRow, reason: string, draft: Draft): void {
  noLongerCopied(input, output, reason, draft);
  if (output.reason === reason) return;
  draft.findOutput(output.id, { fact: null, because: reason, failure: { class: 'data', reason } });
}

function forgetTrouble({ id, class: cls }: OutputRow, draft: Draft): void {
  if (cls !== null) draft.touchOutput(id, { ...NO_TROUBLE, phase: null });
}
