/** Whether a dataset has come to rest, and where: pure. */
import type { PassContext } from '../decide/context.ts';
import { exported, outputsUnderWay } from '../decide/rules/export.ts';
import { openInputs } from '../decide/rules/publish.ts';

export type Rest =
  /** Every file at its goal, every output too, logs archived. */
  | { readonly is: 'settled' }
  /** Something is in motion outside, or will be tried again. */
  | { readonly is: 'moving'; readonly because: string }
  /** Nothing is in motion; the next pass may start something, or is waiting for something. */
  | { readonly is: 'waiting'; readonly because: string }
  /** Nothing moves unless a person does something. */
  | { readonly is: 'stuck'; readonly because: string };

/** What is left to do for a dataset, and whether it gets done by itself. */
export function restOf(context: Pick<PassContext, 'dataset' | 'totals'>): Rest {
  const { dataset, totals } = context;
  const { spec } = dataset.loaded;
  const underWay = outputsUnderWay(context);
  const unarchived = spec.archive === null ? 0 : totals.unarchived;
  const uncopied = exported(context).length > 0 ? totals.inputs.done : 0;
  const total = Object.values(totals.inputs).reduce((sum, count) => sum + count, 0);
  if (total > 0 && openInputs(totals) + underWay + uncopied + unarchived === 0) return { is: 'settled' };

  const stop =
    dataset.heldReason ??
    (spec.suspend ? 'suspended in its spec' : null) ??
    (dataset.orphanedMs === null ? null : 'orphaned: no spec asks for it');
  if (totals.liveJobs + totals.liveTransfers > 0) return { is: 'moving', because: 'work is in motion' };
  if (stop !== null) return { is: 'stuck', because: `${stop}; change its spec` };

  const stopped = totals.stopped + totals.outputsStopped;
  const retrying = totals.inputs.error - totals.stopped;
  if (retrying > 0) return { is: 'moving', because: `${retrying} files are tried again` };
  const open = openInputs(totals) - totals.stopped;
  const blockedOutputs = Math.max(0, underWay - totals.outputsStopped);
  if (open === 0 && stopped > 0 && unarchived === 0) {
    const files = stopped === 1 ? '1 file is' : `${stopped} files are`;
    return {
      is: 'stuck',
      because: `${files} in error for good; see \`rereco errors\`, then \`rereco clean\``,
    };
  }
  return { is: 'waiting', because: `${open} files and ${blockedOutputs} outputs are not at their goal yet` };
}
