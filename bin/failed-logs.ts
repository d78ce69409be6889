/** What the jobs printed last on which files failed, and how the rest of it is read. */
import type { Knex } from 'knex';
import { type FailedJob, findSubmission, readFailedJobs } from '../db/queries/logs.ts';
import { lastLines, linesAbout } from '../reconcilers/decide/judge/job-log.ts';
import { groupBy } from '../reconcilers/model/group-by.ts';
import type { JobKey } from '../reconcilers/ports/spool.ts';
import { archivedLogEnd } from './logs-of.ts';
import type { Session } from './session.ts';

/** The log of a job that failed. */
export interface FailedLog {
  /** Its last lines; empty where it printed nothing, or where its log is on a tape or cannot be read. */
  readonly lines: readonly string[];
  /** The command that shows all of it. */
  readonly command: string;
}

/**
 * `readFailedLogs` reads the ends of logs for files that failed in a job or a transfer: in the
 * spool, and in an archive that lies on a disk here.
 *
 * @param most  lines of each log
 * @returns by the file's number
 */
export async function readFailedLogs(
  session: Session,
  knex: Knex,
  fileIds: readonly number[],
  most: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, FailedLog>> {
  const jobs = await readFailedJobs(knex, fileIds);
  const logs = new Map<number, FailedLog>();
  for (const ofSite of groupBy(jobs, ({ site }) => site.name).values()) {
    const ends = await logEnds(session, ofSite, signal);
    for (const job of ofSite) {
      const end = ends.get(keyOf(job)) || (await archivedEnd(session, knex, job));
      const lines = lastLines(linesAbout(end, job.file), most);
      logs.set(job.fileId, { lines, command: logsCommandOf(job) });
    }
  }
  return logs;
}

/** A spool that does not answer leaves the lines out: `rereco logs` says what is wrong with it. */
async function logEnds(
  session: Session,
  jobs: readonly FailedJob[],
  signal: AbortSignal,
): Promise<ReadonlyMap<JobKey, string>> {
  const [first] = jobs;
  if (first === undefined) return new Map();
  const { spool } = session.siteOf(first.site).ports;
  const answer = await spool.read(jobs.map(keyOf), 0, signal).catch(() => undefined);
  return new Map([...(answer?.found ?? [])].map(([key, { logTail }]) => [key, logTail]));
}

/** An archive that cannot be read leaves the lines out likewise. */
async function archivedEnd(session: Session, knex: Knex, { submission, index }: FailedJob): Promise<string> {
  const found = await findSubmission(knex, submission);
  if (found === undefined || found.archive === null) return '';
  return (await archivedLogEnd(session, found, index).catch(() => undefined)) ?? '';
}

const keyOf = ({ submission, index }: FailedJob): JobKey => `${submission}:${index}`;

/** A job's name needs no quotes in any shell. */
function logsCommandOf({ submission, index, jobs }: FailedJob): string {
  return `rereco logs ${submission}${jobs > 1 ? `:${index}` : ''}`;
}
