/**
 * The writing of one page in the making.
 *
 * Rules hand in findings; the draft keeps each row as it was read and as it now
 * is to be, and the history in between. It is the only mutable thing of a
 * decision, lives for one page, and touches nothing outside itself.
 */

import { advanceJob, advanceOutput, advancer } from '../../../machines/advance.ts';
import type {
  ErrorClass,
  FileFact,
  FileId,
  JobFact,
  Millis,
  OutputFact,
  Phase,
} from '../../../machines/model.ts';
import type { RetrySpec } from '../../../specs/types.ts';
import type { ArchiveChange, Change, NewAttempt, NewOutput, ScrubChange } from '../../model/change.ts';
import type { NewClaim } from '../../model/holders.ts';
import type {
  AttemptEnd,
  InputRow,
  JobRow,
  OutputRow,
  Page,
  SubmissionRow,
  Transition,
} from '../../model/rows.ts';
import type { Gate } from '../../model/totals.ts';
import { afterFailure, type Failure, NO_TROUBLE } from '../judge/failures.ts';
import { gateProblem } from '../stops/gates.ts';
import { changing, isSame } from './changing.ts';

/** What was found out about one input, with what follows from it. */
export interface Finding {
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

export interface DraftOptions {
  readonly now: Millis;
  readonly phase: Phase;
  readonly retry: Readonly<Record<Phase, RetrySpec>>;
}

export type Draft = ReturnType<typeof openDraft>;

/** Begin the writing of a page. Rows not on the page cannot be written. */
export function openDraft(page: Page, { now, phase, retry }: DraftOptions) {
  const advance = advancer();
  const inputs = changing(page.inputs);
  const outputs = changing(page.outputs);
  const submissions = changing(page.submissions);
  const jobs = new Map<string, JobRow>();
  const knownJobs = new Map(page.jobs.map((job) => [jobKey(job), job]));
  const gates = new Map<Phase, Gate | null>();
  const newOutputs = new Map<FileId, readonly NewOutput[]>();
  const lists = emptyLists();
  const outputsOf = new Map<FileId, FileId[]>();
  const belongs = ({ id, inputId }: OutputRow) =>
    outputsOf.set(inputId, [...(outputsOf.get(inputId) ?? []), id]);
  page.outputs.forEach(belongs);
  const unpromoted = (inputId: FileId) =>
    (outputsOf.get(inputId) ?? []).map((id) => outputs.get(id)).filter((row) => row.state === 'accepted');

  /** A job that is as it was read is not written: most jobs run on from pass to pass. */
  const setJob = (job: JobRow) => {
    const known = knownJobs.get(jobKey(job));
    if (known && isSame(known, job)) jobs.delete(jobKey(job));
    else jobs.set(jobKey(job), job);
  };
  const transition = (id: FileId, moved: Omit<Transition, 'subject'>) =>
    lists.transitions.push({ subject: { kind: 'file', id }, ...moved });

  return {
    now,
    input: (id: FileId) => inputs.get(id),
    output: (id: FileId) => outputs.get(id),
    submission: (id: number) => submissions.get(id),
    job: (submissionId: number, index: number) =>
      jobs.get(jobKey({ submissionId, index })) ?? knownJobs.get(jobKey({ submissionId, index })),

    /** Move an input by a fact; a fact its state has no use for changes nothing but ends and patches. */
    find(id: FileId, finding: Finding): void {
      const before = inputs.get(id);
      const at = finding.fact === null ? before : advance(before, finding.fact);
      const position = { state: at.state, phase: at.phase, fault: at.fault };
      const moved = at !== before;
      const atFault = position.phase ?? phase;
      const trying = finding.failure
        ? afterFailure(before, finding.failure, { name: before.name, retry: retry[atFault], now })
        : {};
      const after = { ...before, ...position, ...trying, ...finding.patch };
      inputs.set(id, moved ? { ...after, sinceMs: now } : after);
      if (moved && finding.fact !== null) {
        transition(id, {
          from: before.state,
          to: at.state,
          phase: at.phase,
          fact: finding.fact.type,
          because: finding.because,
          attempt: before.attempt,
        });
      }
      if (finding.end) this.endAttempt(id, finding.end.revision, finding.end.phase, finding.end.how);
    },

    /** Move an output by a fact, or note its trouble. */
    findOutput(id: FileId, finding: OutputFinding): void {
      const before = outputs.get(id);
      const state = finding.fact === null ? before.state : advanceOutput(before.state, finding.fact);
      const moved = state !== before.state;
      const trying = finding.failure
        ? { ...afterFailure(before, finding.failure, { name: before.name, retry: retry[phase], now }), phase }
        : moved
          ? { ...NO_TROUBLE, phase: null }
          : {};
      const after = { ...before, state, ...trying, ...finding.patch };
      outputs.set(id, moved ? { ...after, sinceMs: now } : after);
      if (moved && finding.fact !== null) {
        transition(id, {
          from: before.state,
          to: state,
          phase: null,
          fact: finding.fact.type,
          because: finding.because,
          attempt: before.attempt,
        });
      }
      if (finding.end) this.endAttempt(id, before.revision, finding.end.phase, finding.end.how);
    },

    /** Put a person's word about a file into its history; it stays where it is. */
    sign(id: FileId, fact: string, because: string): void {
      const { state, attempt } = inputs.has(id) ? inputs.get(id) : outputs.get(id);
      transition(id, { from: state, to: state, phase: null, fact, because, attempt });
    },

    /** Change columns that are no move. */
    touch: (id: FileId, patch: Partial<InputRow>) => inputs.set(id, { ...inputs.get(id), ...patch }),
    touchOutput: (id: FileId, patch: Partial<OutputRow>) => outputs.set(id, { ...outputs.get(id), ...patch }),
    touchSubmission: (id: number, patch: Partial<SubmissionRow>) =>
      submissions.set(id, { ...submissions.get(id), ...patch }),

    /** Move a job by what was seen of it, with what is known of its run. */
    findJob(job: JobRow, fact: JobFact, because: string, patch: Partial<JobRow>): void {
      const current = jobs.get(jobKey(job)) ?? job;
      const status = advanceJob(current.status, fact);
      const moved = status !== current.status;
      setJob({ ...current, ...patch, status, sinceMs: moved ? now : current.sinceMs });
      if (!moved) return;
      lists.transitions.push({
        subject: { kind: 'job', submissionId: job.submissionId, index: job.index },
        from: current.status,
        to: status,
        phase: null,
        fact: fact.type,
        because,
        attempt: null,
      });
    },

    /** Change a job's columns that are no move. */
    touchJob: (job: JobRow, patch: Partial<JobRow>) =>
      setJob({ ...(jobs.get(jobKey(job)) ?? job), ...patch }),

    noteDetails: (details: Change['details'][number]) => lists.details.push(details),
    openSubmission: (row: SubmissionRow, its: readonly JobRow[], attempts: readonly NewAttempt[]) => {
      lists.newSubmissions.push(row);
      submissions.add(row);
      for (const job of its) jobs.set(jobKey(job), job);
      lists.newAttempts.push(...attempts);
    },
    /** What is known of a live attempt's result before it ends. */
    noteAttempt: (fileId: FileId, revision: string, of: Phase, end: AttemptEnd) =>
      lists.attemptNotes.push({ fileId, revision, phase: of, end }),
    /** Outputs accepted in this page for an input, not yet written. */
    accepted: (inputId: FileId): readonly NewOutput[] => newOutputs.get(inputId) ?? [],
    acceptOutput: (output: NewOutput) =>
      newOutputs.set(output.inputId, [...(newOutputs.get(output.inputId) ?? []), output]),
    endAttempt: (fileId: FileId, revision: string, of: Phase, end: AttemptEnd) =>
      lists.attemptEnds.push({ fileId, revision, phase: of, end }),
    problem: (
      kind: string,
      fileId: FileId | null,
      problem: { class: ErrorClass | null; message: string } | null,
    ) => lists.problems.push({ kind, fileId, problem }),
    /**
     * What a phase's system said of new work; null: it took it.
     *
     * Of several answers the most telling one stays: it is full; it takes orders; it takes none like these.
     */
    gate(of: Phase, gate: Gate | null): void {
      const known = gates.get(of);
      if (known?.kind === 'refused' || (known === null && gate?.kind !== 'refused')) return;
      gates.set(of, gate);
    },
    archive: (archive: ArchiveChange) => lists.archives.push(archive),
    scrub: (scrub: ScrubChange) => lists.scrubs.push(scrub),
    claim: (claim: NewClaim) => lists.claims.push(claim),

    /** Take in outputs that were made when the first part was committed. */
    adopt: (made: readonly OutputRow[]) => {
      for (const output of made) {
        outputs.add(output);
        belongs(output);
      }
    },

    /** The output of an input under a key that is accepted and not promoted yet. */
    outputOf: (inputId: FileId, key: string) => unpromoted(inputId).find((row) => row.key === key),
    hasUnpromoted: (inputId: FileId) => unpromoted(inputId).length > 0,

    /** What would be written now; nothing is counted as written. */
    preview: (): Change => ({
      inputs: inputs.pairs(),
      outputs: outputs.pairs(),
      submissions: submissions.pairs(),
      jobs: [...jobs.values()],
      newOutputs: [...newOutputs.values()].flat(),
      ...withGates(lists, gates),
    }),

    /** What is to be written since the last call; the rows written count as read from then on. */
    change(): Change {
      const change: Change = {
        inputs: inputs.changed(),
        outputs: outputs.changed(),
        submissions: submissions.changed(),
        jobs: [...jobs.values()],
        newOutputs: [...newOutputs.values()].flat(),
        ...withGates(lists, gates),
      };
      for (const [key, job] of jobs) knownJobs.set(key, job);
      jobs.clear();
      gates.clear();
      newOutputs.clear();
      Object.assign(lists, emptyLists());
      return change;
    },
  };
}

/** Whether a change would write anything. */
export function isEmpty(change: Change): boolean {
  return Object.values(change).every((list) => list.length === 0);
}

const jobKey = (job: { readonly submissionId: number; readonly index: number }) =>
  `${job.submissionId}:${job.index}`;

function emptyLists() {
  return {
    details: [] as Change['details'][number][],
    newSubmissions: [] as SubmissionRow[],
    newAttempts: [] as NewAttempt[],
    attemptNotes: [] as Change['attemptNotes'][number][],
    attemptEnds: [] as Change['attemptEnds'][number][],
    transitions: [] as Transition[],
    problems: [] as Change['problems'][number][],
    archives: [] as ArchiveChange[],
    scrubs: [] as ScrubChange[],
    claims: [] as NewClaim[],
  };
}

/** The lists of a change, with what a phase's system said of new work, which is told as a problem too. */
function withGates(lists: ReturnType<typeof emptyLists>, gates: ReadonlyMap<Phase, Gate | null>) {
  const changed = [...gates].map(([phase, gate]) => ({ phase, gate }));
  return { ...lists, gates: changed, problems: [...lists.problems, ...changed.map(gateProblem)] };
}
