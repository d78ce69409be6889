/** Deleting here what was exported: only on a proof read back in this very pass (law 4). */
import type { DeleteProof, ExportSpec } from '../../../specs/types.ts';
import type { PassContext } from '../context.ts';
import { wantedFarPath } from '../desired.ts';
import type { Draft } from '../draft.ts';
import type { OutputRow, Page } from '../rows.ts';
import { look, type Questions, type World } from '../seen.ts';
import { type Decision, expectedBytes } from '../steps.ts';

/** Outputs that are copied and to be deleted here: both ends are asked. */
export function statsForDelete(context: PassContext, page: Page): NonNullable<Questions['stats']> {
  return page.outputs.flatMap((output) => {
    const wanted = exportOf(context, output);
    if (output.state !== 'copied' || !wanted?.thenDelete || output.farPath === null) return [];
    const depth = proofFor(context, wanted.to) === 'size' ? ('size' as const) : ('checksum' as const);
    return [
      { store: wanted.to, path: output.farPath, depth },
      { store: output.store, path: output.path, depth: 'size' as const },
    ];
  });
}

/** A local copy that is gone already was deleted before; a far copy that is gone is a person's business. */
export function findFarCopy(context: PassContext, output: OutputRow, seen: World, draft: Draft): void {
  const wanted = exportOf(context, output);
  if (output.state !== 'copied' || !wanted?.thenDelete || output.farPath === null) return;
  const far = look(seen.stats.get(wanted.to), output.farPath, output.actedMs);
  if (far.is === 'absent') {
    const reason = `the far copy ${wanted.to}:${output.farPath} is gone; nothing is deleted here`;
    if (output.reason === reason) return;
    draft.findOutput(output.id, { fact: null, because: reason, failure: { class: 'data', reason } });
    return;
  }
  const here = look(seen.stats.get(output.store), output.path, output.actedMs);
  if (far.is === 'present' && here.is === 'absent') {
    draft.findOutput(output.id, { fact: { type: 'output.deleted' }, because: 'the local copy is gone' });
  }
}

/** The step that deletes a local copy, with the proof it rests on; a wait while the proof is missing. */
export function decideDelete(
  context: PassContext,
  wanted: ExportSpec,
  output: OutputRow,
  seen: World,
): Decision {
  const path = output.farPath ?? wantedFarPath(context, output) ?? '';
  const far = look(seen.stats.get(wanted.to), path, output.actedMs);
  if (far.is !== 'present') {
    return {
      do: 'wait',
      because: `${wanted.to} has not proved its copy: ${far.is === 'unknown' ? far.why : 'gone'}`,
    };
  }
  const by = proofFor(context, wanted.to);
  const agrees =
    far.value.sizeBytes === output.sizeBytes &&
    (by === 'size' || (far.value.checksum !== undefined && far.value.checksum === output.checksum));
  if (!agrees)
    return { do: 'wait', because: `${wanted.to}:${path} does not agree by ${by}; nothing is deleted` };

  return {
    do: 'step',
    step: {
      kind: 'delete',
      phase: 'export',
      names: [output.name],
      because: `${wanted.to}:${path} was read back in this pass and agrees by ${by}`,
      bytes: output.sizeBytes,
      fileId: output.id,
      store: output.store,
      path: output.path,
      expected: expectedBytes(output),
      proof: { by, store: wanted.to, path },
    },
  };
}

/** The proof the site names for a store, or the strongest its driver can give. */
export function proofFor({ dataset, traits }: PassContext, store: string): DeleteProof {
  return dataset.loaded.site.stores[store]?.deleteProof ?? traits.proofs.get(store)?.at(-1) ?? 'checksum';
}

function exportOf({ dataset }: PassContext, output: OutputRow): ExportSpec | null | undefined {
  return dataset.loaded.spec.outputs.find((one) => one.key === output.key)?.export;
}
