import type { SubmissionName } from '../../machines/model.ts';
import type { JobCounter } from '../../specs/types.ts';

/** One output of one input, as the job must leave it. */
export interface PlannedOutput {
  /** The file's name, in the job's folder and for good. */
  readonly name: string;
  /** How its store's `deliver` is told where it goes, under the attempt's path. */
  readonly place: string;
  /** The metadata file the command leaves in its folder; null: none. */
  readonly metadata: string | null;
}

/** One input of a job with everything done to it: the command runs once for each. */
export interface PlannedInput {
  readonly name: string;
  /** null: nobody knows. */
  readonly sizeBytes: number | null;
  /** By what it is proved; null: by nothing, for none is known. */
  readonly checksum: string | null;
  /** How its store's `fetch` is told where it lies. */
  readonly place: string;
  /**
   * The command with every placeholder filled but `{input}` and `{output.KEY}`,
   * which the script replaces by quoted absolute paths in the job's folder.
   */
  readonly command: string;
  /** One for each of the plan's outputs, in their order. */
  readonly outputs: readonly PlannedOutput[];
}

/** What is the same for one output of every input. */
export interface OutputKind {
  readonly key: string;
  /** POSIX sh text: `deliver` of the store's `jobCommands`. */
  readonly deliver: string;
  readonly eventsWritten: JobCounter;
}

/** Everything the script and the table of a submission are made of. */
export interface SubmissionPlan {
  readonly submission: SubmissionName;
  readonly dataset: string;
  readonly requestId: number;
  /** Absolute: where the script and its table lie, and logs and reports go. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** POSIX sh text: `fetch` of the store's `jobCommands`. */
  readonly fetch: string;
  readonly eventsRead: JobCounter;
  readonly outputs: readonly OutputKind[];
  readonly jobs: readonly { readonly index: number; readonly inputs: readonly PlannedInput[] }[];
}
