import type { ArgumentsCamelCase } from 'yargs';
import { PHASES, type Phase } from '../../machines/model.ts';
import type { MembersReport } from '../../reconcilers/daemon/daemon.ts';
import { type RoundResult, round, takeUpSpecs } from '../../reconcilers/daemon/rounds.ts';
import { isSilent, untilSettled } from '../../reconcilers/daemon/until-settled.ts';
import type { Rest } from '../../reconcilers/decide/rest.ts';
import { isQuiet } from '../../reconcilers/pass-report.ts';
import { formatProblem } from '../../specs/errors.ts';
import { suggestion } from '../../specs/nearest.ts';
import { type Command, dataPrinter, print, texts, withOutput } from '../command.ts';
import { daemonOf, roundPace } from '../daemon-of.ts';
import { EXIT, UserError } from '../failure.ts';
import { generationLine } from '../print/generation.ts';
import { planText } from '../print/plan.ts';
import { membersLine, orphanLine, passLines, refusedLine, waitLines } from '../print/report.ts';
import { roundData } from '../print/round-data.ts';
import { lineWidth } from '../print/table.ts';
import { complain, hanging } from '../print/wrap.ts';
import { hasRecords, openSession, type Session } from '../session.ts';
import { type ReadSpecs, readSpecs } from '../specs.ts';

/** One round over the specs' datasets, or rounds until nothing moves by itself any more. */
export const reconcileCommand: Command = {
  usage: 'reconcile [paths..]',
  summary: 'compare specs with what is there and take the next steps',
  examples: [
    ['rereco reconcile --dry-run', 'what would be done and why; changes nothing'],
    ['rereco reconcile specs/ --until settled', 'go on until every file is at its goal'],
    ['rereco reconcile --phase verify', 'only check files; made for cron'],
  ],
  hints: { phase: PHASES },
  options: (argv) =>
    withOutput(argv)
      .positional('paths', {
        describe: 'spec files or folders (default: this folder)',
        type: 'string',
        array: true,
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'print the plan, change nothing' })
      .option('until', {
        choices: ['settled'] as const,
        describe: 'repeat until nothing is left to do by itself',
      })
      .option('phase', {
        type: 'string',
        array: true,
        describe: `only these phases, several or comma-separated: ${PHASES.join(', ')}`,
      }),

  async run(argv, signal) {
    if (argv.dryRun && argv.until) {
      throw new UserError('--dry-run shows one round and --until takes many: leave one of them out');
    }
    const phases = phasesOf(texts(argv.phase));
    const read = await readSpecs(texts(argv.paths), signal);
    for (const problem of read.specs.problems) complain(formatProblem(problem));
    const nothingGood = read.specs.datasets.length === 0 && read.specs.problems.length > 0;
    if (nothingGood && !(await hasRecords(signal))) return EXIT.mistake;

    const session = await openSession({
      mode: argv.dryRun === true ? 'preview' : 'work',
      sites: read.specs.datasets.map((dataset) => dataset.site),
      signal,
      command: 'reconcile',
    });
    try {
      return await work({ argv, phases, read, session, signal });
    } finally {
      await session.close();
    }
  },
};

interface Work {
  readonly argv: ArgumentsCamelCase;
  readonly phases: readonly Phase[];
  readonly read: ReadSpecs;
  readonly session: Session;
  readonly signal: AbortSignal;
}

async function work({ argv, phases, read, session, signal }: Work): Promise<number> {
  const dryRun = argv.dryRun === true;
  const printData = dataPrinter(argv);
  const say = printData === null;
  if (dryRun && session.emptyMemory !== null) complain(session.emptyMemory);
  const members: MembersReport[] = [];
  const daemon = daemonOf(session, signal, {
    onPass: (report) => {
      if (say && !dryRun) for (const line of passLines(report)) print(line);
    },
    // The plan says itself what stopped.
    ...(say && dryRun ? { onProblem: () => {} } : {}),
    onMembers: (report) => {
      members.push(report);
      if (say && !dryRun) print(membersLine(report));
    },
  });
  const { names, refused, generations, problems, orphans } = await takeUpSpecs(
    daemon,
    read.specs,
    read.isCovered,
  );
  const complaints = [...problems.map((one) => formatProblem(one)), ...refused.map(refusedLine)];
  for (const line of [...complaints, ...orphans.map(orphanLine)]) complain(line);
  const changed = say && !dryRun ? generations.filter(({ before }) => before !== null) : [];
  for (const one of changed) print(generationLine(one));
  const options = { phases, resync: true, dryRun };
  const among = ({ name }: { readonly name: string }) => names.includes(name);
  const result = argv.until
    ? await untilSettled(daemon, among, options, roundPace)
    : await round(daemon, among, options);

  if (printData !== null)
    printData({
      ...roundData(result),
      // biome-ignore lint/suspicious/noThenProperty: it is printed as JSON, and called nowhere
      ...(dryRun ? { dryRun, then: Object.fromEntries(result.following) } : {}),
      members,
      refused,
    });
  else if (dryRun) printPlan(result, members);
  else summarize(result);
  if (read.specs.problems.length + complaints.length > 0) return EXIT.mistake;
  return dryRun ? planCode(result, members) : doneCode(result);
}

/** All phases where none is named. */
function phasesOf(given: readonly string[]): readonly Phase[] {
  const wanted = given.flatMap((one) => one.split(',')).map((name) => name.trim());
  const unknown = wanted.find((name) => !PHASES.some((phase) => phase === name));
  if (unknown !== undefined) {
    throw new UserError(`there is no phase ${unknown || 'without a name'}; ${suggestion(unknown, PHASES)}`);
  }
  return wanted.length === 0 ? PHASES : PHASES.filter((phase) => wanted.includes(phase));
}

function summarize(result: RoundResult): void {
  for (const line of waitLines(result.reports)) print(line);
  for (const [name, rest] of result.rests)
    print(hanging(`${name}: ${standing(name, rest, result)}`, lineWidth()));
}

/** Where a dataset stands; not known where something of it could not be looked at. */
function standing(name: string, rest: Rest, { reports, errors }: RoundResult): string {
  const silent = reports
    .filter((report) => report.dataset === name)
    .flatMap((report) => [...report.unanswered.values()]);
  const [why] = [...stoppedOf(name, errors), ...silent];
  if (rest.is === 'settled') return why === undefined ? 'settled' : `not known: ${why}`;
  return rest.because;
}

/** What stopped passes of a dataset. */
function stoppedOf(name: string, errors: readonly string[]): readonly string[] {
  return errors.filter((error) => error.startsWith(`${name}/`)).map((error) => error.slice(name.length + 1));
}

/** The plan, a dataset at a time; nothing of it was done. */
function printPlan(result: RoundResult, members: readonly MembersReport[]): void {
  const texts = [...result.rests].map(([name, rest]) =>
    planText(
      name,
      result.reports.filter((report) => report.dataset === name),
      members.findLast((report) => report.dataset === name),
      {
        stopped: stoppedOf(name, result.errors),
        following: result.following.get(name) ?? [],
        older: result.older.get(name) ?? null,
        rest,
      },
    ),
  );
  const names = [...result.rests.keys()];
  for (const error of result.errors) if (!names.some((name) => error.startsWith(`${name}/`))) complain(error);
  print(texts.length === 0 ? 'no dataset' : texts.join('\n\n'));
  const nothing = [...result.rests.values()].every(({ is }) => is === 'settled')
    ? 'nothing to do'
    : 'nothing would be done';
  print(`\n${isIdle(result, members) ? nothing : 'dry run: nothing was changed'}`);
}

function doneCode(result: RoundResult): number {
  if (isSilent(result)) return EXIT.failure;
  return [...result.rests.values()].every((rest) => rest.is === 'settled') ? EXIT.settled : EXIT.workRemains;
}

function planCode(result: RoundResult, members: readonly MembersReport[]): number {
  if (isSilent(result)) return EXIT.failure;
  return isIdle(result, members) ? EXIT.settled : EXIT.workRemains;
}

function isIdle(result: RoundResult, members: readonly MembersReport[]): boolean {
  return result.reports.every(isQuiet) && members.length === 0 && !isSilent(result);
}
