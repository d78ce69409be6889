/** A list of findings in the making, and the rows as those so far leave them. */
import type { FileId, JobFact, Phase } from '../../../machines/model.ts';
import type { ArchiveChange, Change, NewOutput, ProblemChange, ScrubChange } from '../../model/change.ts';
import {
  type Finding,
  type InputFinding,
  type OutputFinding,
  onInput,
  onJob,
  onOutput,
  onProblem,
  patchInput,
  patchJob,
  patchOutput,
} from '../../model/findings.ts';
import type { AttemptEnd, InputRow, JobRow, OutputRow, Page, SubmissionRow } from '../../model/rows.ts';
import type { Gate } from '../../model/totals.ts';
import { changeIn, jobKey, pageWriting, take } from './page-writing.ts';
import type { ChangeOptions } from './rows-after.ts';

export type Draft = ReturnType<typeof openDraft>;

/** Begin with the rows of a page as they were read. */
export function openDraft(page: Page, options: ChangeOptions) {
  const writing = pageWriting(page, options);
  const findings: Finding[] = [];
  const add = (finding: Finding) => {
    findings.push(finding);
    take(writing, finding);
  };
  return {
    now: options.now,
    findings: findings as readonly Finding[],
    input: (id: FileId): InputRow => writing.inputs.get(id),
    output: (id: FileId): OutputRow => writing.outputs.get(id),
    submission: (id: number): SubmissionRow => writing.submissions.get(id),
    job(submissionId: number, index: number): JobRow | undefined {
      const key = jobKey({ submissionId, index });
      return writing.jobs.get(key) ?? writing.knownJobs.get(key);
    },
    /** Outputs accepted in this page for an input, not yet written. */
    accepted: (inputId: FileId): readonly NewOutput[] =>
      writing.lists.newOutputs.filter((output) => output.inputId === inputId),
    add: (more: readonly Finding[]) => more.forEach(add),
    find: (id: FileId, finding: InputFinding) => add(onInput(id, finding)),
    findOutput: (id: FileId, finding: OutputFinding) => add(onOutput(id, finding)),
    findJob: (job: JobRow, fact: JobFact, because: string, patch: Partial<JobRow>) =>
      add(onJob(job, fact, because, patch)),
    touch: (id: FileId, patch: Partial<InputRow>) => add(patchInput(id, patch)),
    touchOutput: (id: FileId, patch: Partial<OutputRow>) => add(patchOutput(id, patch)),
    touchJob: (job: JobRow, patch: Partial<JobRow>) => add(patchJob(job, patch)),
    touchSubmission: (id: number, patch: Partial<SubmissionRow>) => add({ on: 'submission', id, patch }),
    sign: (id: FileId, fact: string, because: string) => add({ on: 'signature', id, fact, because }),
    noteDetails: (details: Change['details'][number]) => add({ on: 'details', ...details }),
    noteAttempt: (fileId: FileId, revision: string, phase: Phase, end: AttemptEnd) =>
      add({ on: 'attemptNote', fileId, revision, phase, end }),
    endAttempt: (fileId: FileId, revision: string, phase: Phase, end: AttemptEnd) =>
      add({ on: 'attemptEnd', fileId, revision, phase, end }),
    acceptOutput: (output: NewOutput) => add({ on: 'acceptance', output }),
    problem: (kind: string, fileId: FileId | null, problem: ProblemChange['problem']) =>
      add(onProblem(kind, fileId, problem)),
    gate: (phase: Phase, gate: Gate | null) => add({ on: 'gate', phase, gate }),
    archive: (archive: ArchiveChange) => add({ on: 'archive', ...archive }),
    scrub: (scrub: ScrubChange) => add({ on: 'scrub', ...scrub }),
    /** What is to be written. */
    change: (): Change => changeIn(writing),
  };
}

/** The findings that a function makes by writing into a draft. */
export function drafted(
  page: Page,
  options: ChangeOptions,
  write: (draft: Draft) => void,
): readonly Finding[] {
  const draft = openDraft(page, options);
  write(draft);
  return draft.findings;
}
