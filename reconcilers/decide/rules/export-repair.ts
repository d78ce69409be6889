/** What a person's `clean` can do about an output that has trouble in its export, by what both places hold now. */
import type { PassContext } from '../../model/context.ts';
import type { InputRow, OutputRow, Page } from '../../model/rows.ts';
import type { ReadyStep } from '../../model/steps.ts';
import { look, type Questions, type World } from '../../model/world.ts';
import { farCopyOf } from '../facts/export-look.ts';
import { parentsOf } from '../facts/parents.ts';
import { proofFor, prove } from '../judge/proof.ts';
import { wantedFarPath } from '../wanted/wanted.ts';
import {
  firstRepair,
  type Place,
  type Repair,
  type RepairView,
  type Troubled,
} from './export-repair-rules.ts';

/** A place at which a lost output of an input had its far copy. */
export interface FormerPlace extends Place {
  readonly inputId: number;
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
  if (known !== undefined) {
    const stands = output.state === 'deleted' ? 'deleted' : 'copied';
    return { output, input, far: known, stands, isOurs: true };
  }
  if (wanted == null || path === undefined || !UNSENT.has(output.state)) return undefined;
  const far = { store: wanted.to, path, thenDelete: wanted.thenDelete };
  const isOurs = former.some(
    (place) => place.inputId === input.id && place.store === far.store && place.path === far.path,
  );
  return { output, input, far, stands: 'unsent', isOurs };
}

/** Every byte of both copies is read: it is the person's question what is wrong. */
export function statsForRepair(troubled: readonly Troubled[]): NonNullable<Questions['stats']> {
  return troubled.flatMap(({ output, far }) => [
    { store: far.store, path: far.path, depth: 'checksum' as const },
    { store: output.store, path: output.path, depth: 'checksum' as const },
  ]);
}

/** The outputs of a page that somebody looks after, and that can be put right. */
export function troubledOn(
  context: PassContext,
  page: Page,
  former: readonly FormerPlace[],
): readonly Troubled[] {
  const parentOf = parentsOf(page);
  return page.outputs.flatMap((output) => troubledOf(context, output, parentOf(output), former) ?? []);
}

/** An output with what both places say of it. */
export function repairViewOf(context: PassContext, troubled: Troubled, seen: World): RepairView {
  const { output, far: place } = troubled;
  const there = look(seen.stats.get(place.store), place.path, output.actedMs);
  const far = prove(there, output, proofFor(context, place.store));
  const here = prove(look(seen.stats.get(output.store), output.path, output.actedMs), output, 'size');
  return { ...troubled, proofs: { far, here } };
}

/** Say what is done about an output. */
export function repairOf(context: PassContext, troubled: Troubled, seen: World): Repair {
  return unlessRetired(troubled, firstRepair(repairViewOf(context, troubled, seen)).repair);
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
): readonly ReadyStep<'quarantine'>[] {
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
