import type { Millis, SubmissionName } from '../../machines/model.ts';
import type { Seen } from './seen.ts';

/** What a job says of one output it left. */
export interface ReportedOutput {
  readonly key: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly checksum: string | null;
  readonly eventsWritten: number | null;
  /** The text of the metadata file the job left beside it; null where none was asked for or found. */
  readonly metadata: string | null;
}

/** What a job says of one of its inputs: each has its own counts, outputs and fate. */
export interface ReportedFile {
  /** The input's name. */
  readonly file: string;
  /**
   * `stageIn`: the input did not arrive or had other bytes; `output`: the command left none;
   * `stageOut`: one did not reach its store; null: all went well.
   */
  readonly failedAt: 'stageIn' | 'command' | 'output' | 'count' | 'stageOut' | null;
  readonly message: string | null;
  /** By what the job proved the bytes it fetched, or `unchecked`; null or none: it did not come to that. */
  readonly inputChecksum?: string | null;
  /** Why nothing proved them. */
  readonly uncheckedBecause?: string | null;
  readonly exitCode: number | null;
  /** `SIGSEGV` and the like, for which the exit code stands; null: for none. A job of an older program does not say. */
  readonly signal?: string | null;
  readonly eventsRead: number | null;
  readonly skipped: readonly { readonly events: number; readonly reason: string }[];
  readonly outputs: readonly ReportedOutput[];
  readonly cpuMs: number | null;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
}

/** The report a job leaves by rename; times are the worker node's, for people only. */
export interface JobReport {
  readonly submission: SubmissionName;
  readonly index: number;
  readonly node: string;
  readonly processor: string | null;
  readonly files: readonly ReportedFile[];
}

/** What is left of one job in the spool. */
export interface JobTraces {
  /** null: the job has left none, or one that is not valid. */
  readonly report: JobReport | null;
  /** What is wrong with the report it left; null when it is valid or not there. */
  readonly invalid: string | null;
  /** The last 64 kB of the job's standard output and error, for failure rules. */
  readonly logTail: string;
}

/** The key of a job: its submission's name and its index. */
export type JobKey = `${SubmissionName}:${number}`;

/**
 * The folder in which scripts, logs and reports of jobs live, shared with the
 * worker nodes, until they are archived.
 */
export interface Spool {
  /** Make the folder where it is missing; for a spool in which nothing was ever written. Repeatable. */
  make(signal: AbortSignal): Promise<void>;

  /** Absolute path of a submission's folder; nothing is made by asking. */
  folder(name: SubmissionName): string;

  /**
   * Write files into a submission's folder, making it. Repeatable, until jobs read them.
   *
   * Nothing waits for the disk: a job must prove what it finds there.
   */
  write(
    name: SubmissionName,
    files: readonly { readonly name: string; readonly text: string; readonly executable: boolean }[],
    signal: AbortSignal,
  ): Promise<void>;

  /**
   * Reports and log ends of jobs. Every job is found (perhaps with no traces at
   * all) unless its folder could not be read, which makes it *unknown*.
   */
  read(jobs: readonly JobKey[], askedAt: Millis, signal: AbortSignal): Promise<Seen<JobKey, JobTraces>>;

  /** Set a job's report aside so that it is never read again. Repeatable. */
  discardReports(names: readonly SubmissionName[], signal: AbortSignal): Promise<void>;

  /**
   * Make one tar of the folders of submissions that have one.
   *
   * @param localFile  where the tar is written, replacing what is there
   * @returns the names that were in it, with what each holds
   */
  pack(
    names: readonly SubmissionName[],
    localFile: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<SubmissionName, readonly string[]>>;

  /**
   * What a tar made by `pack` holds, submission by submission.
   *
   * @returns undefined when it is not there
   */
  packed(
    localFile: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<SubmissionName, readonly string[]> | undefined>;

  /** Delete the folders of submissions. Repeatable. */
  drop(names: readonly SubmissionName[], signal: AbortSignal): Promise<void>;

  /** Bytes that can still be written. */
  freeBytes(signal: AbortSignal): Promise<number | undefined>;

  /** The path of a temporary local file in the spool; nothing is made by asking. */
  scratch(name: string): string;
  /** Make the folder in which temporary files lie. Repeatable. */
  makeScratch(signal: AbortSignal): Promise<void>;
  /** Delete a temporary file, and what calls that were killed left of making it. Repeatable. */
  removeScratch(path: string, signal: AbortSignal): Promise<void>;

  readText(path: string, signal: AbortSignal): Promise<string | undefined>;
  replaceText(path: string, text: string, signal: AbortSignal): Promise<void>;
}
