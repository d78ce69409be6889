import type { Millis, SubmissionName } from '../../machines/model.ts';
import type { Seen } from './seen.ts';

/** One unit of a submission. */
export interface JobOrder {
  readonly index: number;
  /** Absolute path of the submission's script, which `launch` becomes; for people, and for older programs. */
  readonly script: string;
  /** Absolute paths of what the job prints before its script writes its own log, which is the first of them. */
  readonly stdout: string;
  readonly stderr: string;
}

/** The nodes on which a batch system runs jobs. */
export type Nodes =
  | { readonly are: 'one'; readonly name: string }
  /** `avoidable`: an order may name nodes on which its jobs are not to run. */
  | { readonly are: 'many'; readonly avoidable: boolean };

/** One call's worth of jobs. */
export interface SubmissionOrder {
  readonly name: SubmissionName;
  /**
   * POSIX sh text that each job runs, with its index in `$1`. It is part of the order: the driver
   * hands over the text itself, for it proves the files in the spool, which may be torn.
   */
  readonly launch: string;
  readonly jobs: readonly JobOrder[];
  readonly resources: {
    readonly cpuTimeSeconds: number | null;
    readonly walltimeSeconds: number | null;
    readonly memoryBytes: number | null;
    readonly scratchBytes: number | null;
  };
  /** The batch system's own options, from site and spec. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Nodes on which its jobs are not to run; empty where the system's nodes are not avoidable. */
  readonly avoidNodes: readonly string[];
}

/** How a job ended, in the batch system's own account. */
export interface JobEnd {
  readonly state: 'ended';
  /** null when it was ended by a signal or never ran. */
  readonly exitCode: number | null;
  /** `SIGKILL` and the like; null when it exited. */
  readonly signal: string | null;
  /**
   * The system's word for it, where it is more than an exit: `walltime`, `memory`, `cancelled`, …;
   * `void` where it never ran, for what was submitted was not there.
   */
  readonly batchState: string | null;
  readonly node: string | null;
  readonly cpuMs: number | null;
  readonly wallMs: number | null;
  readonly peakMemoryBytes: number | null;
  /** What else people should know of its end, as processes that it left behind. */
  readonly note?: string;
}

export type JobSeen =
  /** `reason`: why it still waits, in the system's own words; missing where it gives none. */
  | { readonly state: 'queued'; readonly reason?: string }
  | { readonly state: 'running'; readonly node: string | null }
  /** Queued without hope until a person acts (Eqw, held): the system's reason. */
  | { readonly state: 'stuck'; readonly reason: string }
  | JobEnd;

export interface SubmissionSeen {
  /** The system's own id, for people. */
  readonly systemId: string;
  /** By index; a job of the order that is missing here is absent in a complete answer, and unknown in another. */
  readonly jobs: ReadonlyMap<number, JobSeen>;
}

/**
 * What runs jobs on worker nodes. Every driver passes test/contract/batch-system.ts.
 *
 * Every call except `submit` may be repeated.
 */
export interface BatchSystem {
  readonly driver: string;
  /** Jobs one submission may hold. */
  readonly jobsPerSubmission: number;
  /** Characters a submission's name may have. */
  readonly nameLength: number;
  /** The longest a call of this driver takes before it gives up. */
  readonly callTimeoutMs: number;
  /** Whether *absent* in a complete answer proves that the name was never taken or never will run. */
  readonly absentIsFinal: boolean;
  readonly nodes: Nodes;
  /** How long to leave between two looks while work is in motion. */
  readonly pollMs: number;

  /**
   * Create jobs under a name that was never used before.
   *
   * Not repeatable. After `unavailable` the submission may or may not exist.
   *
   * @returns the system's own id
   * @throws DriverError `conflict` when the name exists | `refused` at a quota or
   *   limit, nothing created | `rejected` for a bad option, nothing created |
   *   `forbidden`, nothing created | `unavailable`
   */
  submit(order: SubmissionOrder, signal: AbortSignal): Promise<string>;

  /** What has become of submissions. @throws DriverError `unavailable` */
  observe(
    names: readonly SubmissionName[],
    askedAt: Millis,
    signal: AbortSignal,
  ): Promise<Seen<SubmissionName, SubmissionSeen>>;

  /** End what still runs or waits; names that are gone or ended are left. */
  cancel(names: readonly SubmissionName[], signal: AbortSignal): Promise<void>;

  /**
   * Take a person's word that these are over although that cannot be seen: what they hold is let go.
   *
   * Names of which the system itself knows more are left. Repeatable: an end never changes.
   */
  settle(names: readonly SubmissionName[], signal: AbortSignal): Promise<void>;

  /** Let go of what the driver keeps about ended submissions; running ones are left. */
  forget(names: readonly SubmissionName[], signal: AbortSignal): Promise<void>;
}
