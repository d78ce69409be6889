import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SubmissionName } from '../../../../machines/model.ts';
import type { JobSeen, SubmissionSeen } from '../../../ports/batch-system.ts';
import { type JobLook, lookAt, readOrder, settle, unreadable } from './job-state.ts';
import { exists, jobFile, type Place } from './place.ts';
import { advance, enqueue, queuedNames } from './queue.ts';

/** What is known of jobs; a name in neither map is absent. */
export interface Answers {
  readonly found: ReadonlyMap<SubmissionName, SubmissionSeen>;
  readonly unknown: ReadonlyMap<SubmissionName, string>;
}

/** What has become of jobs, with nothing changed: it says what `settleJobs` would. */
export async function lookAtJobs(
  place: Place,
  names: readonly SubmissionName[],
  signal: AbortSignal,
): Promise<Answers> {
  // A folder that was never made holds no jobs; without the spool above it, nobody knows.
  await stat(dirname(place.folder));
  return askAll(place, names, signal, async (name) => {
    const look = await lookAt(place, name);
    return look.state === 'lost' ? look.end : look;
  });
}

/** What has become of jobs, after moving the queue and ending jobs whose supervisor is gone. */
export async function settleJobs(
  place: Place,
  names: readonly SubmissionName[],
  signal: AbortSignal,
): Promise<Answers> {
  const trouble = await moveQueue(place, names).catch((error: Error) => error.message);
  return askAll(place, names, signal, async (name) => {
    const look = await settle(place, name);
    if (look.state !== 'queued' || trouble === undefined) return look;
    return { state: 'stuck', reason: `the queue does not move: ${trouble}` };
  });
}

/** Put back into the queue what a crash of its submitter kept out of it, and start what can start. */
async function moveQueue(place: Place, names: readonly SubmissionName[]): Promise<undefined> {
  const queued = await queuedNames(place);
  for (const name of names) {
    if (queued.has(name) || (await lookAt(place, name).catch(unreadable)).state !== 'queued') continue;
    if (!(await exists(jobFile(place, name, 'claim.json')))) await enqueue(place, name);
  }
  await advance(place);
}

async function askAll(
  place: Place,
  names: readonly SubmissionName[],
  signal: AbortSignal,
  ask: (name: SubmissionName) => Promise<JobLook>,
): Promise<Answers> {
  const found = new Map<SubmissionName, SubmissionSeen>();
  const unknown = new Map<SubmissionName, string>();
  for (const name of names) {
    signal.throwIfAborted();
    const look = await ask(name).catch(unreadable);
    if (look.state === 'unknown') unknown.set(name, look.reason);
    else if (look.state !== 'absent' && look.state !== 'lost') {
      const index = (await readOrder(place, name))?.jobs[0]?.index;
      if (index !== undefined) found.set(name, seen(name, index, look));
    }
  }
  return { found, unknown };
}

function seen(name: SubmissionName, index: number, job: JobSeen): SubmissionSeen {
  return { systemId: name, jobs: new Map([[index, job]]) };
}
