import type { StepOutcome } from '../decide/conclude.ts';
import { archivePath, nameOf } from '../decide/intents.ts';
import type { Step } from '../decide/steps.ts';
import { DriverError } from '../ports/errors.ts';
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

/**
 * Delete what an archive that is recorded holds: the spool's folders, and what drivers keep of ended work.
 *
 * What a system does not let go of stays where it is, kept twice; the archive is made all the same.
 */
export async function dropArchived(step: Step<'archive'>, { ports, signal }: Applying): Promise<void> {
  const names = step.submissions.map((submission) => submission.name);
  const keepers = [ports.batch, ...ports.movers.values()];
  await leftAlone(ports.spool.drop(names, signal));
  for (const keeper of keepers) await leftAlone(keeper.forget(names, signal));
}

async function leftAlone(dropping: Promise<void>): Promise<void> {
  try {
    await dropping;
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
  }
}
