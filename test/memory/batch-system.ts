import type { SubmissionName } from '../../machines/model.ts';
import type {
  BatchSystem,
  JobEnd,
  JobSeen,
  SubmissionOrder,
  SubmissionSeen,
} from '../../reconcilers/ports/batch-system.ts';
import { DriverError } from '../../reconcilers/ports/errors.ts';

export interface MemoryBatchOptions {
  readonly jobsPerSubmission?: number;
  readonly absentIsFinal?: boolean;
  /** Does a job's work in the instant it is submitted; undefined leaves it queued. */
  readonly autorun?: (
    order: SubmissionOrder,
    index: number,
  ) => Promise<Partial<JobEnd> | undefined> | Partial<JobEnd> | undefined;
}

/** A batch system in memory: its jobs go on by hand, and it can be made to fail. */
export interface MemoryBatch {
  readonly batch: BatchSystem;
  /** Everything that was ever created, the forgotten too, in order. */
  readonly created: readonly SubmissionOrder[];

  start(name: SubmissionName, index?: number): void;
  finish(name: SubmissionName, end?: Partial<JobEnd>, index?: number): void;
  stick(name: SubmissionName, reason: string, index?: number): void;
  /** The system loses a submission without a trace. */
  vanish(name: SubmissionName): void;

  /** No call is answered, and none does anything. */
  goDown(): void;
  /** Submissions meet a quota. */
  refuse(): void;
  /** Submissions are created, but the caller is not told. */
  loseAnswerOfSubmit(): void;
  /** Only the first half of each answer arrives. */
  cutAnswersInHalf(): void;
  /** All is well again. */
  recover(): void;
}

type Fault = 'down' | 'refusing' | 'losing answers' | 'cutting answers';

interface Submission {
  readonly order: SubmissionOrder;
  readonly jobs: Map<number, JobSeen>;
}

const NAME_LENGTH = 200;

/** An end like most: all went well. */
export function aJobEnd(end: Partial<JobEnd> = {}): JobEnd {
  return {
    state: 'ended',
    exitCode: 0,
    signal: null,
    batchState: null,
    node: 'memory',
    cpuMs: 10,
    wallMs: 20,
    peakMemoryBytes: 1000,
    ...end,
  };
}

/** A batch system for tests, empty. */
export function memoryBatch(options: MemoryBatchOptions = {}): MemoryBatch {
  const submissions = new Map<SubmissionName, Submission>();
  const created: SubmissionOrder[] = [];
  const faults = new Set<Fault>();

  return {
    batch: {
      driver: 'memory',
      jobsPerSubmission: options.jobsPerSubmission ?? 1,
      nameLength: NAME_LENGTH,
      callTimeoutMs: 1_000,
      absentIsFinal: options.absentIsFinal ?? true,
      nodes: { are: 'many', avoidable: true },
      pollMs: 10,
      submit,
      observe,
      cancel,
      // It sees all its jobs: there is nothing to take a person's word for.
      settle: async (_names, signal) => answer(signal),
      forget,
    },
    created,
    start: (name, index) => set(name, index, { state: 'running', node: 'memory' }),
    finish: (name, end, index) => set(name, index, aJobEnd(end)),
    stick: (name, reason, index) => set(name, index, { state: 'stuck', reason }),
    vanish: (name) => void submissions.delete(name),
    goDown: () => void faults.add('down'),
    refuse: () => void faults.add('refusing'),
    loseAnswerOfSubmit: () => void faults.add('losing answers'),
    cutAnswersInHalf: () => void faults.add('cutting answers'),
    recover: () => faults.clear(),
  };

  function set(name: SubmissionName, index: number | undefined, seen: JobSeen): void {
    const jobs = submissions.get(name)?.jobs;
    const at = index ?? jobs?.keys().next().value;
    if (!jobs || at === undefined) throw new Error(`memory: no job ${name}:${index ?? ''} was submitted`);
    if (jobs.get(at)?.state !== 'ended') jobs.set(at, seen);
  }

  function answer(signal: AbortSignal): void {
    if (signal.aborted) throw new DriverError('unavailable', 'memory: stopped');
    if (faults.has('down')) throw new DriverError('unavailable', 'memory: no answer');
  }

  async function submit(order: SubmissionOrder, signal: AbortSignal): Promise<string> {
    answer(signal);
    if (faults.has('refusing')) throw new DriverError('refused', 'memory: at the quota');
    if (order.name.length > NAME_LENGTH) throw new DriverError('rejected', 'memory: the name is too long');
    if (order.jobs.length > (options.jobsPerSubmission ?? 1)) {
      throw new DriverError('rejected', 'memory: too many jobs');
    }
    if (submissions.has(order.name)) throw new DriverError('conflict', `memory: ${order.name} exists`);

    const jobs = new Map<number, JobSeen>(order.jobs.map((job) => [job.index, { state: 'queued' }]));
    submissions.set(order.name, { order, jobs });
    created.push(order);
    for (const { index } of order.jobs) {
      const end = await options.autorun?.(order, index);
      if (end) set(order.name, index, aJobEnd(end));
    }
    if (faults.has('losing answers')) throw new DriverError('unavailable', 'memory: the answer was lost');
    return `memory:${order.name}`;
  }

  async function observe(names: readonly SubmissionName[], askedAt: number, signal: AbortSignal) {
    answer(signal);
    const cut = faults.has('cutting answers');
    const answered = cut ? names.slice(0, Math.floor(names.length / 2)) : names;
    const found = new Map<SubmissionName, SubmissionSeen>();
    for (const name of answered) {
      const jobs = submissions.get(name)?.jobs;
      if (jobs) found.set(name, { systemId: `memory:${name}`, jobs: new Map(jobs) });
    }
    return { askedAt, complete: !cut, found, unknown: new Map<SubmissionName, string>() };
  }

  async function cancel(names: readonly SubmissionName[], signal: AbortSignal): Promise<void> {
    answer(signal);
    const end = aJobEnd({ exitCode: null, signal: 'SIGTERM', batchState: 'cancelled' });
    for (const name of names) {
      for (const index of submissions.get(name)?.jobs.keys() ?? []) set(name, index, end);
    }
  }

  async function forget(names: readonly SubmissionName[], signal: AbortSignal): Promise<void> {
    answer(signal);
    for (const name of names) {
      const jobs = [...(submissions.get(name)?.jobs.values() ?? [])];
      if (jobs.every((job) => job.state === 'ended')) submissions.delete(name);
    }
  }
}
