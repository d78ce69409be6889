/**
 * What was found out about the rows of a page, as data. Facts and conclusions return findings;
 * `changeOf` turns those of a page into what is to be written.
 */
import type { FileFact, FileId, JobFact, OutputFact, Phase } from '../../machines/model.ts';
import type {
  ArchiveChange,
  Change,
  EndedAttempt,
  GateChange,
  NewAttempt,
  NewOutput,
  ProblemChange,
  ScrubChange,
} from './change.ts';
import type { Failure } from './failure.ts';
import type { NewClaim } from './holders.ts';
import type { AttemptEnd, InputRow, JobRow, OutputRow, SubmissionRow } from './rows.ts';

/** What was found out about one input, with what follows from it. */
export interface InputFinding {
  /** null: nothing that moves the file, only an end or a patch. */
  readonly fact: FileFact | null;
  readonly because: string;
  readonly failure?: Failure;
  readonly patch?: Partial<InputRow>;
  /** How its live attempt of a phase ended. */
  readonly end?: { readonly phase: Phase; readonly revision: string; readonly how: AttemptEnd };
}

/** What was found out about one output. */
export interface OutputFinding {
  readonly fact: OutputFact | null;
  readonly because: string;
  readonly failure?: Failure;
  readonly patch?: Partial<OutputRow>;
  readonly end?: { readonly phase: Phase; readonly how: AttemptEnd };
}

interface FindingArgs {
  readonly input: InputFinding & { readonly id: FileId };
  readonly output: OutputFinding & { readonly id: FileId };
  /** null as a fact: nothing that moves the job, only columns. */
  readonly job: {
    readonly job: JobRow;
    readonly fact: JobFact | null;
    readonly because: string;
    readonly patch: Partial<JobRow>;
  };
  readonly submission: { readonly id: number; readonly patch: Partial<SubmissionRow> };
  readonly newSubmission: {
    readonly row: SubmissionRow;
    readonly jobs: readonly JobRow[];
    readonly attempts: readonly NewAttempt[];
  };
  /** What is known of a live attempt's result before it ends. */
  readonly attemptNote: EndedAttempt;
  readonly attemptEnd: EndedAttempt;
  readonly acceptance: { readonly output: NewOutput };
  /** A person's word about a file, for its history; the file stays where it is. */
  readonly signature: { readonly id: FileId; readonly fact: string; readonly because: string };
  readonly details: Change['details'][number];
  readonly problem: ProblemChange;
  /** What a phase's system said of new work; null as a gate: it took it. */
  readonly gate: GateChange;
  readonly archive: ArchiveChange;
  readonly scrub: ScrubChange;
  readonly claim: NewClaim;
}

export type FindingSubject = keyof FindingArgs;

/** One finding; `on` says what it is about. A kind that is forgotten anywhere does not compile. */
export type Finding<S extends FindingSubject = FindingSubject> = {
  readonly [s in S]: { readonly on: s } & FindingArgs[s];
}[S];

/** What moves an input, or ends its attempt. */
export function onInput(id: FileId, finding: InputFinding): Finding<'input'> {
  return { on: 'input', id, ...finding };
}

/** Columns of an input that are no move. */
export function patchInput(id: FileId, patch: Partial<InputRow>): Finding<'input'> {
  return { on: 'input', id, fact: null, because: '', patch };
}

/** What moves an output, or its trouble. */
export function onOutput(id: FileId, finding: OutputFinding): Finding<'output'> {
  return { on: 'output', id, ...finding };
}

/** Columns of an output that are no move. */
export function patchOutput(id: FileId, patch: Partial<OutputRow>): Finding<'output'> {
  return { on: 'output', id, fact: null, because: '', patch };
}

/** What was seen of a job, with what is known of its run. */
export function onJob(
  job: JobRow,
  fact: JobFact,
  because: string,
  patch: Partial<JobRow> = {},
): Finding<'job'> {
  return { on: 'job', job, fact, because, patch };
}

/** Columns of a job that are no move. */
export function patchJob(job: JobRow, patch: Partial<JobRow>): Finding<'job'> {
  return { on: 'job', job, fact: null, because: '', patch };
}

/** A problem that people are told of, about a file or the dataset; null: it is over. */
export function onProblem(
  kind: string,
  fileId: FileId | null,
  problem: ProblemChange['problem'],
): Finding<'problem'> {
  return { on: 'problem', kind, fileId, problem };
}
