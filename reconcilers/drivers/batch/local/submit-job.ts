import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SubmissionOrder } from '../../../ports/batch-system.ts';
import { DriverError, type DriverErrorCode } from '../../../ports/errors.ts';
import { systemCode } from '../../store/faults.ts';
import { exists, jobFolder, type Place, prepared } from './place.ts';
import { advance, enqueue } from './queue.ts';

export const NAME_LENGTH = 200;
/** For one question about thousands of jobs, each in files of its own, on a busy machine. */
export const CALL_TIMEOUT_MS = 180_000;

/**
 * Create a job and start it if there is a slot.
 *
 * @returns the name, which is the job's only id
 * @throws DriverError as `BatchSystem.submit`; but for an `unavailable`, nothing was created
 */
export async function submitJob(place: Place, order: SubmissionOrder, signal: AbortSignal): Promise<string> {
  const startedMs = performance.now();
  checkOrder(order);
  if (await exists(jobFolder(place, order.name))) throw nameTaken(order);
  const draft = await prepareFolder(place, order);
  try {
    // A call that slept through its limit must not create anything when it wakes.
    if (signal.aborted || performance.now() - startedMs > CALL_TIMEOUT_MS) {
      throw new DriverError('unavailable', `local: ${order.name} was stopped before it was submitted`);
    }
    await rename(draft, jobFolder(place, order.name));
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw ['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '') ? nameTaken(order) : error;
  }
  // Not flushed: a job that a power cut takes away is absent, and one that it tears is void.
  await enqueue(place, order.name)
    .then(() => advanceOnceFree(place))
    .catch(leaveToNextCall);
  return order.name;
}

/** When a place was last found with every slot taken. */
const fullAt = new Map<string, number>();
const FULL_FOR_MS = 100;

/**
 * Start what waits, unless a moment ago nothing could start: of hundreds of jobs submitted one
 * after the other not each need look at all slots. The jobs that run move the queue as well.
 */
async function advanceOnceFree(place: Place): Promise<void> {
  const lastMs = fullAt.get(place.folder);
  if (lastMs !== undefined && performance.now() - lastMs < FULL_FOR_MS) return;
  fullAt.delete(place.folder);
  const slotIsLeft = await advance(place);
  if (!slotIsLeft) fullAt.set(place.folder, performance.now());
}

/** The job exists, so the submission worked: every `observe` repairs and moves the queue. */
function leaveToNextCall(): void {}

function checkOrder({ name, jobs }: SubmissionOrder): void {
  if (!/^[A-Za-z][A-Za-z0-9_.-]*$/.test(name) || name.length > NAME_LENGTH) {
    throw new DriverError(
      'rejected',
      `local: ${JSON.stringify(name)} cannot name a submission; use a letter, then letters, digits, "_", "." and "-", ${NAME_LENGTH} in all`,
    );
  }
  if (jobs.length !== 1) {
    throw new DriverError('rejected', `local: ${name} has ${jobs.length} jobs; a submission holds one`);
  }
}

async function prepareFolder(place: Place, order: SubmissionOrder): Promise<string> {
  const draft = await prepared(place);
  try {
    // One by one: a spool that has gone since must not be made anew.
    for (const folder of [draft, join(draft, 'tmp')]) await mkdir(folder);
    await writeFile(join(draft, 'order.json'), JSON.stringify(order));
    return draft;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const code = WHY_NOT[systemCode(error) ?? ''];
    if (!code) throw error;
    throw new DriverError(code, `local: ${order.name} cannot be written to ${place.folder}`, {
      cause: error,
    });
  }
}

/** What the system's errors mean while nothing has been created. */
const WHY_NOT: Readonly<Record<string, DriverErrorCode>> = {
  ENOENT: 'unavailable',
  ENOSPC: 'refused',
  EDQUOT: 'refused',
  EMFILE: 'refused',
  ENFILE: 'refused',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  EROFS: 'forbidden',
};

function nameTaken({ name }: SubmissionOrder): DriverError {
  return new DriverError('conflict', `local: a submission ${name} exists`);
}
