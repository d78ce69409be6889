import { availableParallelism, hostname } from 'node:os';
import type { BatchSystem } from '../../../ports/batch-system.ts';
import { DriverError } from '../../../ports/errors.ts';
import { cancelJob, endByWord, forgetJob, sweep } from './let-go.ts';
import { jobSettler, lookAtJobs } from './look-at-jobs.ts';
import { makeFolders, type Place } from './place.ts';
import { advance } from './queue.ts';
import { CALL_TIMEOUT_MS, NAME_LENGTH, submitJob } from './submit-job.ts';

/** What `localBatch` is told. */
export interface LocalBatchOptions {
  /** Absolute, in the spool; its last name is made when missing. */
  readonly folder: string;
  /** Jobs running at a time; as many as the machine has processors when not given. */
  readonly slots?: number;
  /** Between SIGTERM and SIGKILL; ten seconds when not given. */
  readonly graceMs?: number;
  /** Whether jobs get a cgroup of their own where one can be made; so when not given. */
  readonly cgroups?: boolean;
  /** For a dry run: answers as always, but moves no queue, ends no job, writes no file and refuses the rest. */
  readonly readOnly?: boolean;
}

/**
 * The batch system of this machine: jobs are processes that outlive whoever
 * submitted them, and wait in a queue of files.
 *
 * An absent name is final: a job exists from the one rename that `submit` does
 * itself, and a call that has gone on for longer than its limit does it no more.
 *
 * A job ends with everything it started: see cgroup.ts, and strays.ts for what can
 * escape where no cgroup can be made.
 *
 * Of a job's resources, walltime, CPU time and memory are enforced; scratch is not.
 */
export function localBatch(options: LocalBatchOptions): BatchSystem {
  const readOnly = options.readOnly ?? false;
  const place: Place = {
    folder: options.folder,
    slots: options.slots ?? availableParallelism(),
    graceMs: options.graceMs ?? 10_000,
    cgroups: options.cgroups ?? true,
  };
  const settleJobs = jobSettler(place);
  return {
    driver: 'local',
    jobsPerSubmission: 1,
    nameLength: NAME_LENGTH,
    callTimeoutMs: CALL_TIMEOUT_MS,
    absentIsFinal: true,
    nodes: { are: 'one', name: hostname() },
    pollMs: 500,
    observe: (names, askedAt, signal) =>
      answer(place, signal, async () => {
        if (!readOnly) await makeFolders(place);
        const answers = await (readOnly ? lookAtJobs(place, names, signal) : settleJobs(names, signal));
        return { askedAt, complete: true, ...answers };
      }),
    ...(readOnly ? { submit: refuse, cancel: refuse, settle: refuse, forget: refuse } : effects(place)),
  };
}

function effects(place: Place): Pick<BatchSystem, 'submit' | 'cancel' | 'settle' | 'forget'> {
  return {
    submit: (order, signal) => change(place, signal, () => submitJob(place, order, signal)),

    // Repeatable: the wish for an end is one file, and an end never changes.
    cancel: (names, signal) =>
      change(place, signal, async () => {
        for (const name of names) await cancelJob(place, name);
        await advance(place);
      }),

    settle: (names, signal) =>
      change(place, signal, async () => {
        for (const name of names) await endByWord(place, name);
        await advance(place);
      }),

    // Repeatable: what is gone is left.
    forget: (names, signal) =>
      change(place, signal, async () => {
        for (const name of names) await forgetJob(place, name);
        await sweep(place);
      }),
  };
}

async function refuse(): Promise<never> {
  throw new DriverError('forbidden', 'local: opened for looking only');
}

function change<T>(place: Place, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  return answer(place, signal, async () => {
    await makeFolders(place);
    return call();
  });
}

async function answer<T>(place: Place, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  try {
    signal.throwIfAborted();
    return await call();
  } catch (error) {
    if (error instanceof DriverError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DriverError('unavailable', `local: ${place.folder} cannot be used: ${reason}`, {
      cause: error,
    });
  }
}
