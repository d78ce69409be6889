/**
 * Whether one input of a finished job was processed as the spec asks: return
 * code, events read against the catalog, events written against the policy,
 * outputs in the store, metadata. Any doubt is a failure with a reason.
 */

import type { FailureRule, OutputPolicy } from '../../../specs/types.ts';
import type { NewOutput } from '../../model/change.ts';
import { agreeing, counted } from '../../model/counted.ts';
import type { Failure } from '../../model/failure.ts';
import { attemptPath } from '../../model/names.ts';
import type { AttemptEnd, AttemptRow, InputRow, SubmissionRow } from '../../model/rows.ts';
import type { Observed } from '../../model/world.ts';
import type { JobEnd } from '../../ports/batch-system.ts';
import type { JobTraces, ReportedFile, ReportedOutput } from '../../ports/spool.ts';
import type { StoredFile } from '../../ports/store.ts';
import type { WantedOutput } from '../wanted/wanted.ts';
import { classify } from './failures.ts';
import { metadataProblem, readMetadata } from './metadata.ts';

export interface FinishedJob {
  readonly input: InputRow;
  readonly attempt: AttemptRow;
  readonly submission: SubmissionRow;
  /** null: the batch system no longer knows, but the job has left a report. */
  readonly end: JobEnd | null;
  readonly traces: JobTraces;
  /** The input counts its outputs alone, or beside others of the same job. */
  readonly companions: number;
  readonly wanted: readonly WantedOutput[];
  /** What the store says of each output under the attempt's name, by key. */
  readonly stored: ReadonlyMap<string, Observed<StoredFile>>;
  readonly application: { readonly family: string; readonly name: string; readonly version: string };
  readonly rules: readonly FailureRule[];
}

export type Verdict =
  | { readonly is: 'waiting'; readonly because: string }
  | { readonly is: 'good'; readonly outputs: readonly NewOutput[]; readonly end: AttemptEnd }
  | { readonly is: 'bad'; readonly failure: Failure; readonly end: AttemptEnd; readonly stageIn: boolean };

/** What the job says of an input; undefined when it says nothing. */
export function reportOf({ input, traces }: Pick<FinishedJob, 'input' | 'traces'>): ReportedFile | undefined {
  return traces.report?.files.find((file) => file.file === input.name);
}

/** Judge one input of a finished job. */
export function judge(job: FinishedJob): Verdict {
  const report = reportOf(job);
  const problem =
    withoutReport(job, report) ??
    (report && (failedInJob(job, report) ?? wrongEventsRead(job.input, report)));
  if (problem !== undefined || report === undefined) {
    return bad(job, report, problem ?? { class: 'unknown', reason: 'the job left no report' });
  }

  const outputs: NewOutput[] = [];
  for (const wanted of job.wanted) {
    const output = judgeOutput(job, report, wanted);
    if ('is' in output) return output;
    if ('class' in output) return bad(job, report, output);
    outputs.push(output);
  }
  const note = job.end?.note === undefined ? {} : { reason: job.end.note };
  return { is: 'good', outputs, end: { state: 'accepted', ...counts(report), ...note } };
}

function bad(job: FinishedJob, report: ReportedFile | undefined, otherwise: Failure): Verdict {
  const failure = classify(
    {
      end: job.end,
      exitCode: report?.exitCode ?? job.end?.exitCode ?? null,
      logTail: job.traces.logTail,
      otherwise,
    },
    job.rules,
  );
  const end = { state: 'failed', class: failure.class, reason: failure.reason, ...counts(report) } as const;
  return { is: 'bad', failure, end, stageIn: report?.failedAt === 'stageIn' };
}

function counts(report: ReportedFile | undefined) {
  if (report === undefined) return {};
  return {
    ...(report.eventsRead === null ? {} : { eventsRead: report.eventsRead }),
    eventsSkipped: skipped(report),
    skips: report.skipped,
    cpuMs: report.cpuMs,
    ...inputChecksum(report),
  };
}

function inputChecksum({ inputChecksum, uncheckedBecause }: ReportedFile) {
  if (inputChecksum == null) return {};
  return { inputChecksum: uncheckedBecause ? `${inputChecksum}: ${uncheckedBecause}` : inputChecksum };
}

const skipped = (report: ReportedFile) => report.skipped.reduce((sum, skip) => sum + skip.events, 0);

function withoutReport(job: FinishedJob, report: ReportedFile | undefined): Failure | undefined {
  const { end, traces } = job;
  if (traces.invalid !== null)
    return { class: 'unknown', reason: `the job's report is not valid: ${traces.invalid}` };
  if (end?.batchState != null)
    return { class: 'unknown', reason: `the batch system ended the job: ${end.batchState}` };
  if (end?.signal != null) return { class: 'unknown', reason: `the job was ended by ${end.signal}` };
  if (report !== undefined) return undefined;
  const how = end === null ? 'and nobody knows how it ended' : `and exited with ${end.exitCode}`;
  return { class: 'unknown', reason: `the job left no report ${how}` };
}

function failedInJob({ end, companions }: FinishedJob, report: ReportedFile): Failure | undefined {
  if (report.failedAt !== null) {
    const code = report.exitCode === null ? '' : ` (exit ${report.exitCode})`;
    return {
      class: 'unknown',
      reason: `${STAGES[report.failedAt]}${code}: ${report.message ?? 'no message'}`,
    };
  }
  if (companions === 1 && end !== null && end.exitCode !== 0) {
    return { class: 'unknown', reason: `the report is good, but the job exited with ${end.exitCode}` };
  }
  return undefined;
}

const STAGES = {
  stageIn: 'the job had no good input',
  command: 'the command failed',
  output: 'the command wrote nothing',
  count: 'events could not be counted',
  stageOut: 'an output did not reach its store',
} as const;

function wrongEventsRead(input: InputRow, report: ReportedFile): Failure | undefined {
  if (report.eventsRead === null) {
    return { class: 'software', reason: 'the job does not say how many events it read (job.eventsRead)' };
  }
  if (report.skipped.some((skip) => skip.reason.trim() === '' && skip.events > 0)) {
    return { class: 'software', reason: 'the job skipped events without a reason' };
  }
  if (input.eventCount === null || report.eventsRead + skipped(report) === input.eventCount) return undefined;
  const passed = skipped(report) === 0 ? '' : ` and skipped ${skipped(report)}`;
  return {
    class: 'data',
    reason: `the job read ${counted(report.eventsRead, 'event')}${passed}, the catalog says ${input.eventCount}`,
  };
}

function judgeOutput(
  job: FinishedJob,
  report: ReportedFile,
  wanted: WantedOutput,
): NewOutput | Failure | Extract<Verdict, { is: 'waiting' }> {
  const { key } = wanted.spec;
  const reported = report.outputs.find((output) => output.key === key);
  if (reported === undefined)
    return { class: 'software', reason: `output ${key} is missing from the job's report` };

  const copy = job.stored.get(key) ?? { is: 'unknown', why: 'not asked' };
  if (copy.is === 'unknown') {
    return {
      is: 'waiting',
      because: `${wanted.spec.store} has not answered about ${wanted.name}: ${copy.why}`,
    };
  }
  if (copy.is === 'absent') {
    return {
      class: 'transient',
      reason: `output ${key} was reported but ${wanted.spec.store} does not have it`,
    };
  }
  const problem =
    sizeProblem(reported, copy.value) ??
    emptyProblem(wanted.spec.policy, report.eventsRead ?? 0, reported) ??
    policyProblem(wanted.spec.policy, report.eventsRead ?? 0, reported) ??
    metadataProblem({ ...job, wanted, reported, stored: copy.value });
  if (problem) return { class: problem.class, reason: `output ${key}: ${problem.reason}` };
  return accepted(job, wanted, reported, copy.value);
}

function sizeProblem(reported: ReportedOutput, copy: StoredFile): Failure | undefined {
  if (copy.sizeBytes !== reported.sizeBytes) {
    return {
      class: 'transient',
      reason: `the store has ${counted(copy.sizeBytes, 'byte')}, the job wrote ${reported.sizeBytes}`,
    };
  }
  if (reported.checksum !== null && copy.checksum !== undefined && copy.checksum !== reported.checksum) {
    return {
      class: 'transient',
      reason: `the store has ${copy.checksum}, the job wrote ${reported.checksum}`,
    };
  }
  return undefined;
}

const PPM = 1_000_000;

/** A file of no bytes is right only where no event had to be written, and none was. */
function emptyProblem(policy: OutputPolicy, read: number, output: ReportedOutput): Failure | undefined {
  if (output.sizeBytes > 0) return undefined;
  const written = output.eventsWritten ?? 0;
  if (written > 0)
    return {
      class: 'unknown',
      reason: `it is empty, but ${counted(written, 'event')} ${agreeing(written, 'was', 'were')} written to it`,
    };
  const needed = policy.kind === 'equal' ? read : policy.kind === 'range' ? policy.atLeastPpm * read : 0;
  return needed > 0 ? { class: 'unknown', reason: 'it is empty' } : undefined;
}

function policyProblem(policy: OutputPolicy, read: number, output: ReportedOutput): Failure | undefined {
  if (policy.kind === 'none') return undefined;
  const written = output.eventsWritten;
  if (written === null) {
    return { class: 'software', reason: 'the job does not say how many events it wrote (eventsWritten)' };
  }
  if (policy.kind === 'equal') {
    if (written === read) return undefined;
    return { class: 'unknown', reason: `${counted(written, 'event')} written, ${read} read (policy: equal)` };
  }
  if (written * PPM > policy.atMostPpm * read || written * PPM < policy.atLeastPpm * read) {
    const range = `${policy.atLeastPpm / 10_000} % to ${policy.atMostPpm / 10_000} %`;
    return {
      class: 'unknown',
      reason: `${counted(written, 'event')} written, ${read} read (policy: ${range})`,
    };
  }
  return undefined;
}

function accepted(
  { input, attempt, submission }: FinishedJob,
  { spec, name, path }: WantedOutput,
  reported: ReportedOutput,
  copy: StoredFile,
): NewOutput {
  return {
    inputId: input.id,
    key: spec.key,
    name,
    dataTier: spec.dataTier,
    run: input.run,
    sizeBytes: copy.sizeBytes,
    eventCount: reported.eventsWritten,
    checksum: copy.checksum ?? reported.checksum,
    revision: attempt.revision,
    attemptId: attempt.id,
    store: spec.store,
    path,
    attemptPath: attemptPath(submission.name, name),
    metadata: reported.metadata === null ? {} : (readMetadata(reported.metadata) ?? {}),
  };
}
