import type { Knex } from 'knex';
import { findLastJob, findSubmission, type LoggedSubmission } from '../../db/queries/logs.ts';
import { reportName, stderrName, stdoutName } from '../../reconcilers/drivers/spool/names.ts';
import { type Command, dataPrinter, type PrintData, print, texts, withOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { after, followFiles, hasEnded } from '../follow-logs.ts';
import { copyToOutput, endOf, findLogs, type LeftFiles } from '../logs-of.ts';
import { datasetsNamed, filesNamed, optional, recordsOf } from '../named.ts';
import { shown } from '../print/shown.ts';
import { openSession, type Session } from '../session.ts';

/** Of each file, a program gets at most so many bytes: the last ones. */
const MOST_BYTES = 1_000_000;

/** Prints what a job wrote and reported, from the spool or from its archive. */
export const logsCommand: Command = {
  usage: 'logs <job>',
  summary: 'what a job wrote: its output, errors and report',
  examples: [
    ['rereco logs r1-abc-12', 'of a job by its name'],
    ['rereco logs r1-abc-12:3 --list', 'the names of all it left, of the fourth job of a submission'],
    ['rereco logs raw_7.lhe', 'of the last job that worked on a file'],
    ['rereco logs -f raw_7.lhe', 'as it is written, until the job has ended'],
  ],
  options: (argv) =>
    withOutput(argv)
      .positional('job', { type: 'string', demandOption: true, describe: 'a job, or a file: its last job' })
      .option('dataset', { type: 'string', describe: 'the dataset the file belongs to' })
      .option('follow', {
        alias: 'f',
        type: 'boolean',
        default: false,
        describe: 'print what is written as it is written, until the job has ended',
      })
      .option('list', { type: 'boolean', default: false, describe: 'only the names of what is left' }),

  async run(argv, signal) {
    const session = await openSession({ mode: 'look', sites: [], signal, command: 'logs' });
    try {
      await datasetsNamed(session, texts(argv.dataset));
      const job = await jobNamed(recordsOf(session), String(argv.job), optional(argv.dataset));
      const left = await findLogs(session, job.submission, signal);
      const printData = dataPrinter(argv);
      if (argv.follow === true) {
        if (printData !== null || argv.list === true)
          throw new UserError('--follow prints what a job writes as it comes: leave out --list and -o');
        if (job.submission.archive === null) return await follow(session, job, left, signal);
      }
      if (printData !== null)
        return await tellProgram(job, left, { printData, onlyNames: argv.list === true });
      return argv.list === true ? list(job, left) : await show(job, left);
    } finally {
      await session.close();
    }
  },
};

interface Job {
  readonly submission: LoggedSubmission;
  readonly index: number;
}

async function jobNamed(knex: Knex, name: string, dataset: string | null): Promise<Job> {
  const [, base = name, index] = /^(.+?)(?::(\d+))?$/.exec(name) ?? [];
  const named = dataset === null ? await findSubmission(knex, base) : undefined;
  if (named !== undefined) return withIndex(named, Number(index ?? 0));
  if (/^r\d+-\w+-\d+$/.test(base))
    throw new UserError(`there is no job ${base}; \`rereco get jobs\` lists them`);

  const [file] = await filesNamed(knex, name, dataset);
  const last = await findLastJob(knex, file.id);
  const submission = last && (await findSubmission(knex, last.submission));
  if (last === undefined || submission === undefined) {
    throw new UserError(`no job has worked on ${name} yet; \`rereco why ${name}\` says why`);
  }
  return withIndex(submission, last.index);
}

function withIndex(submission: LoggedSubmission, index: number): Job {
  if (index < Math.max(1, submission.jobs)) return { submission, index };
  const only = submission.jobs === 1 ? 'one job: 0' : `${submission.jobs} jobs: 0 to ${submission.jobs - 1}`;
  throw new UserError(`${submission.name} has ${only}`);
}

function wantedOf({ index }: Job, left: LeftFiles): ReadonlySet<string> {
  const wanted = [stdoutName(index), stderrName(index), reportName(index)];
  return new Set(wanted.filter((name) => left.names.includes(name)));
}

function heading({ submission, index }: Job, { where }: LeftFiles): string {
  const which = submission.jobs > 1 ? `:${index} (of ${submission.jobs} jobs)` : '';
  return `${submission.name}${which} of ${submission.dataset}, ${submission.phase}, in ${where}`;
}

/** Nothing is left, or not yet: what that means. */
function nothing(job: Job, { where }: LeftFiles): number {
  const { name, state } = job.submission;
  const why = state === 'closed' ? 'it is over' : 'it has perhaps not begun';
  process.stderr.write(`${name} has left nothing in ${where}; ${why}\n`);
  return EXIT.failure;
}

function list(job: Job, left: LeftFiles): number {
  if (left.names.length === 0) return nothing(job, left);
  print(heading(job, left));
  for (const name of left.names) print(`  ${shown(name)}`);
  return EXIT.settled;
}

async function show(job: Job, left: LeftFiles): Promise<number> {
  const wanted = wantedOf(job, left);
  if (left.names.length === 0) return nothing(job, left);
  print(heading(job, left));
  if (wanted.size === 0) print('no output, errors or report yet; --list names what there is');
  await left.read(wanted, async (name, bytes) => {
    print(`==> ${name} <==`);
    await copyToOutput(bytes);
  });
  return EXIT.settled;
}

/** Print what a job writes until it has ended; one that has not begun is waited for. */
async function follow(session: Session, job: Job, left: LeftFiles, signal: AbortSignal): Promise<number> {
  const { submission, index } = job;
  const { ports } = session.siteOf(submission.made.site);
  const knex = recordsOf(session);
  print(heading(job, left));
  const names = [stdoutName(index), stderrName(index), reportName(index)];
  const isOver = () => hasEnded(knex, ports, submission, index, signal);
  const printed = await followFiles(ports.spool.folder(submission.name), names, isOver, signal);
  if (signal.aborted) return EXIT.settled;
  // By now it may have been archived.
  const all = await findLogs(session, (await findSubmission(knex, submission.name)) ?? submission, signal);
  if (all.names.length === 0) return nothing(job, all);
  await all.read(wantedOf(job, all), async (name, bytes) => {
    const before = printed.get(name) ?? 0;
    if (before === 0) print(`==> ${name} <==`);
    await copyToOutput(after(bytes, before));
  });
  return EXIT.settled;
}

async function tellProgram(
  job: Job,
  left: LeftFiles,
  { printData, onlyNames }: { readonly printData: PrintData; readonly onlyNames: boolean },
): Promise<number> {
  const texts: Record<string, { readonly text: string; readonly whole: boolean }> = {};
  if (!onlyNames) {
    await left.read(wantedOf(job, left), async (name, bytes) => {
      texts[name] = await endOf(bytes, MOST_BYTES);
    });
  }
  const { name, dataset, phase } = job.submission;
  printData({
    submission: name,
    index: job.index,
    dataset,
    phase,
    where: left.where,
    files: left.names,
    ...(onlyNames ? {} : { texts }),
  });
  return left.names.length === 0 ? EXIT.failure : EXIT.settled;
}
