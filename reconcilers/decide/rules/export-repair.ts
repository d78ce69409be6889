/** What a person's `clean` can do about an output that has trouble in its export, by what both places hold now. */
import type { PassContext } from '../../model/context.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';
import type { Step } from '../../model/steps.ts';
import { look, type Questions, type World } from '../../model/world.ts';
import { type BothProofs, farCopyOf, isGood } from '../facts/export-look.ts';
import { isBad, proofFor, proofText, prove } from '../judge/proof.ts';
import { wantedFarPath } from '../wanted/wanted.ts';

/** What is done about one output. */
export type Repair = { readonly because: string; readonly putAside: readonly Place[] } & (
  | { readonly is: 'forget' | 'deleted' | 'send again' | 'make again' }
  /** Nothing can be done just now; `because` says what can. */
  | { readonly is: 'left' }
);

interface Place {
  readonly store: string;
  readonly path: string;
}

/** A place at which a lost output of an input had its far copy. */
export interface FormerPlace extends Place {
  readonly inputId: number;
}

/** What a repair may know of an output. */
export interface Troubled {
  readonly output: OutputRow;
  readonly input: InputRow;
  /** Its far copy, or the place that is to become it. */
  readonly far: Place & { readonly thenDelete: boolean };
  /** Whether a lost output of the same input had its far copy there: what lies there is ours. */
  readonly isOurs: boolean;
}

/** States in which an output is still to be sent. */
const UNSENT = new Set<OutputRow['state']>(['promoted', 'declared', 'located']);

/**
 * The output with the place of its far copy; undefined where nobody looks after that: the spec sends
 * it nowhere any more, or another revision has taken its place.
 */
export function troubledOf(
  context: PassContext,
  output: OutputRow,
  input: InputRow,
  former: readonly FormerPlace[],
): Troubled | undefined {
  const wanted = context.dataset.loaded.spec.outputs.find((one) => one.key === output.key)?.export;
  const path = wantedFarPath(context, output);
  // While the input is processed anew its outputs still are those of the revision they were made under.
  const revision = input.revision ?? output.revision;
  const known = farCopyOf(context, { ...input, revision }, output);
  if (known !== undefined) return { output, input, far: known, isOurs: true };
  if (wanted == null || path === undefined || !UNSENT.has(output.state)) return undefined;
  const far = { store: wanted.to, path, thenDelete: wanted.thenDelete };
  const isOurs = former.some(
    (place) => place.inputId === input.id && place.store === far.store && place.path === far.path,
  );
  return { output, input, far, isOurs };
}

/** Every byte of both copies is read: it is the person's question what is wrong. */
export function statsForRepair(troubled: readonly Troubled[]): NonNullable<Questions['stats']> {
  return troubled.flatMap(({ output, far }) => [
    { store: far.store, path: far.path, depth: 'checksum' as const },
    { store: output.store, path: output.path, depth: 'checksum' as const },
  ]);
}

/** Say what is done about an output. */
export function repairOf(context: PassContext, troubled: Troubled, seen: World): Repair {
  const { output, far } = troubled;
  const proofs: BothProofs = {
    far: prove(
      look(seen.stats.get(far.store), far.path, output.actedMs),
      output,
      proofFor(context, far.store),
    ),
    here: prove(look(seen.stats.get(output.store), output.path, output.actedMs), output, 'size'),
  };
  return unlessRetired(troubled, REPAIRS[output.state](troubled, proofs));
}

/** A file that the input no longer names gets no new work: what is made from it is lost for good. */
function unlessRetired({ input }: Troubled, repair: Repair): Repair {
  if (repair.is !== 'make again' || input.retiredMs === null) return repair;
  const because = `${repair.because}, and the input no longer names ${input.name}; name it again, or put a good copy back`;
  return { is: 'left', because, putAside: [] };
}

/** The steps of a repair. */
export function stepsOf(
  { output }: Troubled,
  { because, putAside }: Repair,
  number: number,
): readonly Step[] {
  return putAside.map(({ store, path }) => ({
    kind: 'quarantine',
    phase: 'export',
    names: [output.name],
    because,
    bytes: output.sizeBytes,
    store,
    path,
    fileId: null,
    submission: null,
    number,
  }));
}

function repairCopied({ output, far: copy }: Troubled, { far, here }: BothProofs): Repair {
  const told = tellers(output, copy, { far, here });
  if (far.is === 'unknown' || here.is === 'unknown') return told.unanswered();
  if (far.is === 'unprovable') {
    const because = `${told.far}; say \`deleteProof: size\` of store ${copy.store} if its size is proof enough`;
    return { is: 'left', because, putAside: [] };
  }
  if (isBad(far)) {
    const because = `${told.far}, ${told.here}`;
    if (isGood(here)) return { is: 'send again', because, putAside: there(far, copy) };
    return { is: 'make again', because, putAside: [...there(far, copy), ...there(here, output)] };
  }
  if (!isBad(here)) return { is: 'forget', because: `${told.far}, ${told.here}`, putAside: [] };
  const is = copy.thenDelete ? 'deleted' : 'make again';
  return { is, because: `${told.here}, ${told.far}`, putAside: there(here, output) };
}

function repairDeleted({ output, far: copy }: Troubled, { far, here }: BothProofs): Repair {
  const told = tellers(output, copy, { far, here });
  if (far.is === 'unknown') return told.unanswered();
  if (!isBad(far)) return { is: 'forget', because: told.far, putAside: [] };
  const because = `${told.far}, and the copy here was deleted`;
  return { is: 'make again', because, putAside: there(far, copy) };
}

/** An output that has not come to the far end: is the copy here what it should be, and the place there free? */
function repairUnsent({ output, far: place, isOurs }: Troubled, { far, here }: BothProofs): Repair {
  const told = tellers(output, place, { far, here });
  if (here.is === 'unknown') return told.unanswered();
  if (isBad(here)) return { is: 'make again', because: told.here, putAside: there(here, output) };
  if (far.is !== 'differs') return { is: 'forget', because: told.here, putAside: [] };
  if (isOurs) return { is: 'forget', because: `${told.far}, ${told.here}`, putAside: [place] };
  const because = `${told.far}, and no output of ours is known to have been there; put it away by hand`;
  return { is: 'left', because, putAside: [] };
}

const REPAIRS: Readonly<Record<OutputRow['state'], (of: Troubled, proofs: BothProofs) => Repair>> = {
  copied: repairCopied,
  deleted: repairDeleted,
  promoted: repairUnsent,
  declared: repairUnsent,
  located: repairUnsent,
  accepted: () => ({ is: 'forget', because: 'it has no final name yet', putAside: [] }),
  lost: () => ({ is: 'forget', because: 'it no longer counts', putAside: [] }),
};

const there = ({ is }: BothProofs['far'], place: Place): readonly Place[] =>
  is === 'differs' ? [place] : [];

function tellers(output: OutputRow, copy: Place, proofs: BothProofs) {
  const far = `${copy.store}:${copy.path} ${proofText(proofs.far)}`;
  const here = `${output.store}:${output.path} ${proofText(proofs.here)}`;
  return {
    far,
    here,
    unanswered: (): Repair => ({
      is: 'left',
      because: `${proofs.far.is === 'unknown' ? far : here}; clean it again when it does`,
      putAside: [],
    }),
  };
}
