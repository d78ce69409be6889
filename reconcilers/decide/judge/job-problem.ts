/** What is wrong with a job as a whole, or with its work on one input, before its outputs are looked at. */
import { counted } from '../../model/counted.ts';
import type { InputRow } from '../../model/rows.ts';
import type { JobEnd } from '../../ports/batch-system.ts';
import type { JobTraces, ReportedFile } from '../../ports/spool.ts';
import type { Problem } from './classify.ts';
import { saysWhy, signalOf } from './signals.ts';

/** What is known of a job that has ended. */
interface EndedJob {
  readonly input: InputRow;
  readonly end: JobEnd | null;
  readonly traces: JobTraces;
  readonly companions: number;
}

/** `jobProblem` finds the first thing that is wrong. @param report  what it says of the input */
export function jobProblem(job: EndedJob, report: ReportedFile | undefined): Problem | undefined {
  return (
    withoutReport(job, report) ?? (report && (failedInJob(job, report) ?? wrongEventsRead(job.input, report)))
  );
}

/** `skipped` sums the events that a job passed over. */
export function skipped(report: ReportedFile): number {
  return report.skipped.reduce((sum, skip) => sum + skip.events, 0);
}

function withoutReport(job: EndedJob, report: ReportedFile | undefined): Problem | undefined {
  const { end, traces } = job;
  if (traces.invalid !== null)
    return { class: 'unknown', reason: `the job's report is not valid: ${traces.invalid}` };
  if (end?.batchState != null)
    return { class: 'unknown', reason: `the batch system ended the job: ${end.batchState}` };
  if (end?.signal != null) return { class: 'unknown', reason: `the job was ended by ${end.signal}` };
  if (report !== undefined) return undefined;
  const how = end === null ? 'and nobody knows how it ended' : `and exited with ${end.exitCode}`;
  return { class: 'unknown', reason: `the job left no report ${how}`, untold: '' };
}

function failedInJob({ end, companions }: EndedJob, report: ReportedFile): Problem | undefined {
  if (report.failedAt !== null) return PROBLEM_AT[report.failedAt](report);
  if (companions === 1 && end !== null && end.exitCode !== 0) {
    return { class: 'unknown', reason: `the report is good, but the job exited with ${end.exitCode}` };
  }
  return undefined;
}

const NO_OUTPUT = 'the command left no output';

const PROBLEM_AT: Readonly<Record<NonNullable<ReportedFile['failedAt']>, (report: ReportedFile) => Problem>> =
  {
    stageIn: (report) => at('the job had no good input', report),
    command: commandFailed,
    output: ({ message }) => ({
      class: 'unknown',
      reason: message ?? NO_OUTPUT,
      alike: NO_OUTPUT,
      suspect: true,
    }),
    count: ({ message }) => ({
      class: 'unknown',
      reason: message ?? 'events could not be counted',
      suspect: true,
    }),
    stageOut: (report) => at('an output did not reach its store', report),
  };

function at(stage: string, { exitCode, message }: ReportedFile): Problem {
  const code = exitCode === null ? '' : ` (exit ${exitCode})`;
  return { class: 'unknown', reason: `${stage}${code}: ${message ?? 'no message'}` };
}

/** Codes by which a shell says that it could not run a command: not found, or nothing that can be run. */
const CANNOT_RUN = new Set([126, 127]);

function commandFailed(report: ReportedFile): Problem {
  const { exitCode, message } = report;
  const signal = signalOf(report, exitCode);
  const code = exitCode === null ? '' : ` (exit ${exitCode})`;
  // Our own words for the code say nothing more.
  const more = message === null || message.endsWith(`exit code ${exitCode}`) ? '' : message;
  return {
    class: 'unknown',
    reason: signal === null ? `the command failed${code}` : `the command was ended by ${signal}${code}`,
    alike: signal ?? `exit ${exitCode}`,
    ...((signal === null || saysWhy(signal)) && { untold: more }),
    suspect: exitCode !== null && CANNOT_RUN.has(exitCode),
  };
}

function wrongEventsRead(input: InputRow, report: ReportedFile): Problem | undefined {
  if (report.eventsRead === null) {
    return {
      class: 'software',
      reason: 'the job does not say how many events it read (job.eventsRead)',
      suspect: true,
    };
  }
  if (report.skipped.some((skip) => skip.reason.trim() === '' && skip.events > 0)) {
    return { class: 'software', reason: 'the job skipped events without a reason' };
  }
  if (input.eventCount === null || report.eventsRead + skipped(report) === input.eventCount) return undefined;
  const passed = skipped(report) === 0 ? '' : ` and skipped ${skipped(report)}`;
  return {
    class: 'data',
    suspect: report.eventsRead === 0 && skipped(report) === 0,
    reason: `the job read ${counted(report.eventsRead, 'event')}${passed}, the catalog says ${input.eventCount}`,
  };
}
