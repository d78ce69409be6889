/** Looking again at what is done: do its outputs still lie there, does the spec still ask for the same? */
import type { PassContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import type { InputRow, OutputRow } from '../rows.ts';
import { look, type World } from '../seen.ts';

/** States in which an output's bytes are to lie under its final name here. */
const KEPT = new Set<OutputRow['state']>(['promoted', 'declared', 'located', 'copied']);

/** Move a finished file back where its outputs are gone or the spec asks for others. */
export function lookAtDone(
  context: PassContext,
  its: readonly OutputRow[],
  input: InputRow,
  seen: World,
  draft: Draft,
): void {
  const { spec, revision } = context.dataset.loaded;
  if (spec.onChange === 'reprocess' && input.revision !== revision && input.retiredMs === null) {
    draft.find(input.id, {
      fact: { type: 'processing.outdated', rawCopy: input.copyPath === null ? 'gone' : 'present' },
      because: `done under revision ${input.revision}, the spec asks for ${revision} (onChange: reprocess)`,
      patch: { revision: null, acceptedAttempt: null },
    });
    return;
  }
  if (input.state !== 'done') return;

  const broken = its
    .filter((output) => output.revision === input.revision && KEPT.has(output.state))
    .flatMap((output) => lookAtOutput(output, seen, draft));
  const [first] = broken;
  if (first === undefined) return;
  draft.find(input.id, {
    fact: first.fact,
    because: first.reason,
    failure: { class: 'transient', reason: first.reason },
    patch: { revision: null, acceptedAttempt: null },
  });
}

interface Broken {
  readonly fact: { readonly type: 'output.absent' | 'output.corrupt' };
  readonly reason: string;
}

/** An output that was deleted here by plan is never asked about: its state is not among those kept. */
function lookAtOutput(output: OutputRow, seen: World, draft: Draft): readonly Broken[] {
  const copy = look(seen.stats.get(output.store), output.path, output.actedMs);
  if (copy.is === 'unknown') return [];
  if (copy.is === 'present' && copy.value.sizeBytes === output.sizeBytes) return [];

  const broken: Broken =
    copy.is === 'absent'
      ? { fact: { type: 'output.absent' }, reason: `output ${output.store}:${output.path} is gone` }
      : {
          fact: { type: 'output.corrupt' },
          reason: `output ${output.store}:${output.path} has ${copy.value.sizeBytes} bytes, accepted with ${output.sizeBytes}`,
        };
  draft.findOutput(output.id, { fact: broken.fact, because: broken.reason });
  return draft.output(output.id).state === 'lost' ? [broken] : [];
}
