/**
 * Whether one input of a finished job was processed as the spec asks: return
 * code, events read against the catalog, events written against the policy,
 * outputs in the store, metadata. Any doubt is a failure with a reason.
 */

import type { FailureRule } from '../../../specs/types.ts';
import type { NewOutput } from '../../model/change.ts';
import type { Failure } from '../../model/failure.ts';
import { attemptPath } from '../../model/names.ts';
import type { AttemptEnd, AttemptRow, InputRow, SubmissionRow } from '../../model/rows.ts';
import type { Observed } from '../../model/world.ts';
import type { JobEnd } from '../../ports/batch-system.ts';
import type { JobTraces, ReportedFile, ReportedOutput } from '../../ports/spool.ts';
import type { StoredFile } from '../../ports/store.ts';
import type { WantedOutput } from '../wanted/wanted.ts';
import { classify, type Problem } from './classify.ts';
import { linesAbout } from './job-log.ts';
import { jobProblem, skipped } from './job-problem.ts';
import { readMetadata } from './metadata.ts';
import { outputProblem } from './output-problem.ts';
import { signalOf } from './signals.ts';

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
  const problem = jobProblem(job, report);
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

function bad(job: FinishedJob, report: ReportedFile | undefined, problem: Problem): Verdict {
  const { input, end, traces, wanted } = job;
  const exitCode = report?.exitCode ?? end?.exitCode ?? null;
  const failure = classify(
    {
      end,
      exitCode,
      signal: signalOf(report, exitCode),
      node: end?.node ?? traces.report?.node ?? null,
      lines: linesAbout(traces.logTail, input.name),
      names: [input.name, ...wanted.map((output) => output.name)],
      problem,
    },
    job.rules,
  );
  const how = { state: 'failed', class: failure.class, reason: failure.reason, ...counts(report) } as const;
  return { is: 'bad', failure, end: how, stageIn: report?.failedAt === 'stageIn' };
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

function judgeOutput(
  job: FinishedJob,
  report: ReportedFile,
  wanted: WantedOutput,
): NewOutput | Problem | Extract<Verdict, { is: 'waiting' }> {
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
  const problem = outputProblem({ ...job, wanted, reported, stored: copy.value }, report.eventsRead ?? 0);
  if (problem) return { ...problem, reason: `output ${key}: ${problem.reason}` };
  return accepted(job, wanted, reported, copy.value);
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
