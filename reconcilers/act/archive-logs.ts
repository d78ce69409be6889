import type { StepOutcome } from '../decide/conclude.ts';
import { archivePath, nameOf } from '../decide/intents.ts';
import type { Step } from '../decide/steps.ts';
import type { Applying } from './apply.ts';
import { found } from './observe.ts';

/**
 * Put the folders of finished submissions into one tar in a store.
 *
 * The folders are deleted only by `dropArchived`, once the archive is recorded.
 */
export async function archiveLogs(
  step: Step<'archive'>,
  { ports, context, signal }: Applying,
): Promise<Partial<StepOutcome>> {
  const tar = ports.spool.scratch(`${nameOf(context, step)}.tar`);
  const names = step.submissions.map((submission) => submission.name);
  const entries = await ports.spool.pack(names, tar, signal);
  const path = archivePath(context, step);
  const store = found(ports.stores, step.store, 'store');
  const stored = await store.put(tar, path, signal);
  await ports.spool.removeScratch(tar, signal);
  return {
    stored: { sizeBytes: stored.sizeBytes, checksum: stored.checksum ?? null, entries },
  };
}

/** Delete what an archive that is recorded holds: the spool's folders, and what drivers keep of ended work. */
export async function dropArchived(step: Step<'archive'>, { ports, signal }: Applying): Promise<void> {
  const names = step.submissions.map((submission) => submission.name);
  await ports.spool.drop(names, signal);
  await ports.batch.forget(names, signal);
  for (const mover of ports.movers.values()) await mover.forget(names, signal);
}
