import { endpointText } from '../../../machines/model.ts';
import { nameOf } from '../../decide/steps/numbers.ts';
import { attemptPath, MARKER_PATH } from '../../model/names.ts';
import type { ReadyStep, StepOutcome } from '../../model/steps.ts';
import type { Taking } from './executor.ts';
import { found } from './found.ts';

/** `bring` gives a mover the files of a transfer, each to arrive under the attempt's name. */
export async function bring(
  step: ReadyStep<'transfer' | 'copy'>,
  { ports, context, signal }: Taking,
): Promise<StepOutcome<'transfer' | 'copy'>> {
  const name = nameOf(context, step);
  await ports.spool.write(name, [], signal);
  const systemId = await found(ports.movers, endpointText(step.endpoint), 'mover').submit(
    {
      name,
      mark: MARKER_PATH,
      files: step.moves.map(({ from, name: file, sizeBytes, checksum }, index) => ({
        index,
        from,
        to: attemptPath(name, file),
        sizeBytes,
        checksum,
        log: `${ports.spool.folder(name)}/job-${index}.out`,
      })),
    },
    signal,
  );
  return { ok: true, systemId };
}
