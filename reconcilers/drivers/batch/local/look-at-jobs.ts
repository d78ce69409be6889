import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SubmissionName } from '../../../../machines/model.ts';
import { once } from '../../../../specs/once.ts';
import type { JobSeen, SubmissionSeen } from '../../../ports/batch-system.ts';
import { indexOf, type JobLook, lookAt, settle, unreadable } from './job-state.ts';
import { exists, ignoring, jobFile, jobFolder, type Place } from './place.ts';
import { advance, enqueue, queuedNames } from './queue.ts';
import { whyQueued } from './why-queued.ts';

/** What is known of jobs; a name in neither map is absent. */
export interface Answers {
  readonly found: ReadonlyMap<SubmissionName, SubmissionSeen>;
  readonly unknown: ReadonlyMap<SubmissionName, string>;
}

/** How one job is asked about. */
interface Asking {
  look(name: SubmissionName): Promise<JobLook>;
  /** The index of its order; undefined where that is torn or gone. */
  index(name: SubmissionName): Promise<number | undefined>;
}

/** What has become of jobs, with nothing changed: it says what a `JobSettler` would, and why those that wait do. */
export async function lookAtJobs(
  place: Place,
  names: readonly SubmissionName[],
  signal: AbortSignal,
): Promise<Answers> {
  // A folder that was never made holds no jobs; without the spool above it, nobody knows.
  await stat(dirname(place.folder));
  // That nobody can say why it waits says nothing of the job.
  const reason = once(() => whyQueued(place).catch(() => () => undefined));
  const look = async (name: SubmissionName) => {
    const found = await lookAt(place, name);
    const why = found.state === 'queued' ? (await reason())(name) : undefined;
    if (found.state === 'queued') return why === undefined ? found : { ...found, reason: why };
    return found.state === 'lost' ? found.end : found;
  };
  return askAll(names, signal, { look, index: (name) => indexOf(place, name) });
}

/** Says what has become of jobs, after moving the queue and ending jobs whose supervisor is gone. */
export type JobSettler = (names: readonly SubmissionName[], signal: AbortSignal) => Promise<Answers>;

/** A `JobSettler` that remembers which jobs it has found waiting: each look reads half a dozen files. */
export function jobSettler(place: Place): JobSettler {
  const jobs = rememberedJobs(place);
  return async (names, signal) => {
    jobs.forgetOld();
    const trouble = await moveQueue(place, names, jobs).catch((error: Error) => error.message);
    return askAll(names, signal, {
      index: jobs.index,
      async look(name) {
        const look = await jobs.look(name);
        if (look.state !== 'queued' || trouble === undefined) return look;
        return { state: 'stuck', reason: `the queue does not move: ${trouble}` };
      },
    });
  };
}

/** Put back into the queue what a crash of its submitter kept out of it, and start what can start. */
async function moveQueue(place: Place, names: readonly SubmissionName[], jobs: Asking): Promise<undefined> {
  const queued = await queuedNames(place);
  for (const name of names) {
    if (queued.has(name) || (await jobs.look(name).catch(unreadable)).state !== 'queued') continue;
    if (!(await exists(jobFile(place, name, 'claim.json')))) await enqueue(place, name);
  }
  await advance(place);
}

/** A change in the same instant as a look may leave the folder's time as it was: younger ones are not trusted. */
const TRUSTED_AFTER_MS = 2_000;
/** Where times of the file system are coarser, or a server's, a look is this old at most. */
const TRUSTED_FOR_MS = 30_000;

/** Jobs that were found waiting, for as long as nothing changes in their folders. */
function rememberedJobs(place: Place): Asking & { forgetOld(): void } {
  const known = new Map<
    SubmissionName,
    { readonly mark: string; readonly index: number; readonly atMs: number }
  >();
  return {
    async look(name) {
      const folder = await stat(jobFolder(place, name), { bigint: true }).catch(ignoring('ENOENT'));
      const mark = `${folder?.ino} ${folder?.mtimeNs}`;
      if (known.get(name)?.mark === mark) return { state: 'queued' };
      known.delete(name);
      const look = await settle(place, name);
      const old = folder !== undefined && Date.now() - Number(folder.mtimeMs) > TRUSTED_AFTER_MS;
      if (look.state !== 'queued' || !old) return look;
      const index = await indexOf(place, name);
      if (index !== undefined) known.set(name, { mark, index, atMs: performance.now() });
      return look;
    },
    index: async (name) => known.get(name)?.index ?? (await indexOf(place, name)),
    forgetOld() {
      const nowMs = performance.now();
      for (const [name, { atMs }] of known) if (nowMs - atMs > TRUSTED_FOR_MS) known.delete(name);
    },
  };
}

async function askAll(names: readonly SubmissionName[], signal: AbortSignal, ask: Asking): Promise<Answers> {
  const found = new Map<SubmissionName, SubmissionSeen>();
  const unknown = new Map<SubmissionName, string>();
  for (const name of names) {
    signal.throwIfAborted();
    const look = await ask.look(name).catch(unreadable);
    if (look.state === 'unknown') unknown.set(name, look.reason);
    else if (look.state !== 'absent' && look.state !== 'lost') {
      const index = await ask.index(name);
      if (index !== undefined) found.set(name, seen(name, index, look));
    }
  }
  return { found, unknown };
}

function seen(name: SubmissionName, index: number, job: JobSeen): SubmissionSeen {
  return { systemId: name, jobs: new Map([[index, job]]) };
}
