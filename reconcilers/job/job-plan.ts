import type { SubmissionName } from '../../machines/model.ts';
import type { JobCounter } from '../../specs/types.ts';

/** One output of one input, as the job must leave it. */
export interface PlannedOutput {
  readonly key: string;
  /** The file's name, in the job's folder and for good. */
  readonly name: string;
  /** POSIX sh text that copies `$1` into the store under the attempt's path. */
  readonly deliver: string;
  /** The metadata file the command leaves in its folder; null: none. */
  readonly metadata: string | null;
  readonly eventsWritten: JobCounter;
}

/** One input of a job with everything done to it: the command runs once for each. */
export interface PlannedInput {
  readonly name: string;
  readonly sizeBytes: number;
  /** POSIX sh text that copies the stored file to `$1` and proves it; `$2` gets what it has to say of that. */
  readonly fetch: string;
  /** By what it is proved; null: by nothing, for none is known. */
  readonly checksum: string | null;
  /**
   * The command with every placeholder filled but `{input}` and `{output.KEY}`,
   * which the script replaces by quoted absolute paths in the job's folder.
   */
  readonly command: string;
  readonly eventsRead: JobCounter;
  readonly outputs: readonly PlannedOutput[];
}

/** Everything a job script is made of. */
export interface JobPlan {
  readonly submission: SubmissionName;
  readonly index: number;
  readonly dataset: string;
  readonly requestId: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly inputs: readonly PlannedInput[];
  /** Absolute path the report gets by rename. */
  readonly reportFile: string;
}
