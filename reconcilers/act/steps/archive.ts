import type { StorePath, SubmissionName } from '../../../machines/model.ts';
import { archivePath } from '../../decide/steps/archive.ts';
import { nameOf } from '../../decide/steps/numbers.ts';
import { attemptPath, quarantinePath } from '../../model/names.ts';
import type { ReadyStep, StepOutcome } from '../../model/steps.ts';
import type { UndroppedArchive } from '../../model/sweeping.ts';
import { DriverError } from '../../ports/errors.ts';
import type { SitePorts } from '../../ports/ports.ts';
import type { Store, StoredFile } from '../../ports/store.ts';
import { eachStep, type Taking } from './executor.ts';
import { found } from './found.ts';

/** One archive in the making: its name, its tar in the spool, and where it goes. */
interface Making {
  readonly name: SubmissionName;
  readonly tar: string;
  readonly store: Store;
  readonly path: StorePath;
}

/**
 * Put the folders of finished submissions into one tar in a store, under the archive's name first.
 *
 * Repeatable at any point: the tar stays in the spool until the archive is recorded, so that a
 * call that was killed is gone on with, and its bytes are the same. Where the spool has lost it,
 * what has its final name already is taken as it is.
 *
 * The folders are deleted only by `dropArchive`, once the archive is recorded.
 */
async function archiveLogs(
  step: ReadyStep<'archive'>,
  { ports, context, signal }: Taking,
): Promise<StepOutcome<'archive'>> {
  const name = nameOf(context, step);
  const making: Making = {
    name,
    tar: ports.spool.scratch(tarName(name)),
    store: found(ports.stores, step.store, 'store'),
    path: archivePath(context, step),
  };
  const entries = await collect(step, making, ports, signal);
  const { sizeBytes, checksum } = await deliver(step, making, signal);
  return { ok: true, stored: { sizeBytes, checksum: checksum ?? null, entries } };
}

/** `archive` makes and stores one tar after the other. */
export const archive = eachStep('archive', archiveLogs);

/** Have the tar in the spool. @returns what it holds */
async function collect(
  step: ReadyStep<'archive'>,
  { tar, store, path }: Making,
  { spool }: SitePorts,
  signal: AbortSignal,
): Promise<ReadonlyMap<SubmissionName, readonly string[]>> {
  const before = await spool.packed(tar, signal);
  if (before !== undefined) return before;
  // The folders may have changed since it was stored, by a job that wrote late.
  if (step.path !== null && (await isStored(store, path, signal))) {
    await spool.makeScratch(signal);
    await store.get(path, tar, signal);
    return (await spool.packed(tar, signal)) ?? new Map();
  }
  const names = step.submissions.map((submission) => submission.name);
  return spool.pack(names, tar, signal);
}

/** @throws DriverError where the store does not say: a second tar, of other bytes, could never take the first one's name */
async function isStored(store: Store, path: StorePath, signal: AbortSignal): Promise<boolean> {
  const { found, unknown, complete } = await store.stat([path], 'size', 0, signal);
  if (found.has(path)) return true;
  if (complete && !unknown.has(path)) return false;
  const why = unknown.get(path) ?? 'its answer was cut short';
  throw new DriverError('unavailable', `the store does not say whether ${path} is in it: ${why}`);
}

async function deliver(
  step: ReadyStep<'archive'>,
  { name, tar, store, path }: Making,
  signal: AbortSignal,
): Promise<StoredFile> {
  const arriving = attemptPath(name, tarName(name));
  const stored = await store.put(tar, arriving, signal).catch(async (error: unknown) => {
    if (!(error instanceof DriverError) || error.code !== 'conflict') throw error;
    // Of an earlier call, whose tar the spool has lost.
    await store.promote(arriving, quarantinePath(arriving, step.number), null, signal);
    return store.put(tar, arriving, signal);
  });
  await store.promote(arriving, path, stored, signal);
  return stored;
}

/**
 * Delete what an archive that is recorded holds: the spool's folders, what drivers keep of
 * ended work, and what is left of making it. Repeatable.
 *
 * @throws DriverError where a system did not let go: what is left is kept twice until the next time
 */
export async function dropArchive(
  { name, submissions }: UndroppedArchive,
  { spool, batch, movers }: SitePorts,
  signal: AbortSignal,
): Promise<void> {
  await spool.drop(submissions, signal);
  for (const keeper of [batch, ...movers.values()]) {
    await keeper.forget(submissions, signal);
    // What runs is not let go of, whatever is thought of it here.
    const { complete, found, unknown } = await keeper.observe(submissions, 0, signal);
    if (complete && found.size + unknown.size === 0) continue;
    const [one = 'some of it'] = [...found.keys(), ...unknown.keys()];
    throw new DriverError('unavailable', `${keeper.driver}: ${one} is archived and not let go of yet`);
  }
  await spool.removeScratch(spool.scratch(tarName(name)), signal);
}

/** The name of an archive's tar. */
function tarName(archive: SubmissionName): string {
  return `${archive}.tar`;
}
