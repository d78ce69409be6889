/** What proves that a place holds the accepted bytes of a file: size, or size and checksum. */

import type { Checksum } from '../../../machines/model.ts';
import type { DeleteProof } from '../../../specs/types.ts';
import type { PassContext } from '../../model/context.ts';
import { counted } from '../../model/counted.ts';
import type { Observed } from '../../model/world.ts';
import type { StoredFile } from '../../ports/store.ts';

/** The bytes a copy is held against. */
export interface Accepted {
  readonly sizeBytes: number;
  /** null: nobody knows one. */
  readonly checksum: Checksum | null;
}

/** What an answer proves of a copy. Only `proved` is trusted; only `gone` and `differs` speak against it. */
export type Proof =
  | { readonly is: 'proved' }
  | { readonly is: 'gone' }
  | { readonly is: 'differs'; readonly how: string }
  /** It has the accepted size, but the checksum that is asked for cannot be compared. */
  | { readonly is: 'unprovable'; readonly why: string }
  | { readonly is: 'unknown'; readonly why: string };

/** The proof the site names for a store, or the strongest its driver can give. */
export function proofFor(
  { dataset, traits }: Pick<PassContext, 'dataset' | 'traits'>,
  store: string,
): DeleteProof {
  return dataset.loaded.site.stores[store]?.deleteProof ?? traits.proofs.get(store)?.at(-1) ?? 'checksum';
}

/** How deep a store is to be asked for a proof. */
export function depthOf(by: DeleteProof): 'size' | 'checksum' {
  return by === 'size' ? 'size' : 'checksum';
}

/** Say what an answer proves of a copy. A checksum that is missing on one side, or of another kind, proves nothing. */
export function prove(copy: Observed<StoredFile>, accepted: Accepted, by: DeleteProof): Proof {
  if (copy.is === 'unknown') return copy;
  if (copy.is === 'absent') return { is: 'gone' };
  const { sizeBytes, checksum } = copy.value;
  if (sizeBytes !== accepted.sizeBytes) {
    return {
      is: 'differs',
      how: `has ${counted(sizeBytes, 'byte')}, not the ${accepted.sizeBytes} that were accepted`,
    };
  }
  const alike = checksum !== undefined && kindOf(checksum) === kindOf(accepted.checksum ?? '');
  if (alike && checksum !== accepted.checksum) {
    return { is: 'differs', how: `has ${checksum}, not the ${accepted.checksum} that was accepted` };
  }
  if (by === 'size' || alike) return { is: 'proved' };
  return { is: 'unprovable', why: whyUnprovable(checksum, accepted) };
}

/** Whether a place was seen not to hold the accepted bytes. */
export function isBad(proof: Proof): proof is Extract<Proof, { readonly is: 'gone' | 'differs' }> {
  return proof.is === 'gone' || proof.is === 'differs';
}

/** A proof as the end of a sentence whose subject is the place. */
export function proofText(proof: Proof): string {
  switch (proof.is) {
    case 'proved':
      return 'agrees';
    case 'gone':
      return 'is gone';
    case 'differs':
      return proof.how;
    case 'unprovable':
      return `cannot be compared: ${proof.why}`;
    case 'unknown':
      return `has not answered: ${proof.why}`;
  }
}

const kindOf = (checksum: Checksum) => checksum.slice(0, checksum.indexOf(':') + 1);

function whyUnprovable(checksum: Checksum | undefined, accepted: Accepted): string {
  if (accepted.checksum === null) return 'no checksum is on record for it';
  if (checksum === undefined) return 'its store gives no checksum';
  return `its store gives ${checksum}, and ${accepted.checksum} is on record`;
}
