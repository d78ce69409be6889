import { setTimeout as sleep } from 'node:timers/promises';
import type { ArgumentsCamelCase } from 'yargs';
import { PHASES, type Phase } from '../../machines/model.ts';
import { type Daemon, type RoundResult, round, takeUpSpecs } from '../../reconcilers/daemon/rounds.ts';
import { isQuiet, type PassReport } from '../../reconcilers/pass-report.ts';
import { formatProblem } from '../../specs/errors.ts';
import { asJson, type Command, print, printJson, texts, withOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { passLines, waitLines } from '../print/report.ts';
import { openSession, type Session } from '../session.ts';
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
        describe: `only these phases, comma-separated: ${PHASES.join(', ')}`,
      }),

  async run(argv, signal) {
    if (argv.dryRun && argv.until) {
      throw new UserError('--dry-run shows one round and --until takes many: leave one of them out');
    }
    const phases = phasesOf(argv.phase);
    const read = await readSpecs(texts(argv.paths), signal);
    for (const problem of read.specs.problems) process.stderr.write(`${formatProblem(problem)}\n`);
    if (read.specs.datasets.length === 0 && read.specs.problems.length > 0) return EXIT.mistake;

    const session = await openSession({
      readOnly: argv.dryRun === true,
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
  const say = !asJson(argv);
  const daemon = daemonOf(session, signal, (report) => {
    if (say) for (const line of passLines(report, dryRun ? 'would' : 'did')) print(line);
  });
  const names = await takeUpSpecs(daemon, read.specs, read.isCovered);
  const options = { phases, resync: true, dryRun };
  const among = ({ name }: { readonly name: string }) => names.includes(name);
  const result = argv.until
    ? await untilSettled(daemon, among, options)
    : await round(daemon, among, options);

  if (say) summarize(result, dryRun);
  else printJson(roundData(result));
  const broken = read.specs.problems.length > 0 ? EXIT.mistake : EXIT.settled;
  return broken || codeOf(result, dryRun);
}

/** A daemon over a session. */
export function daemonOf(session: Session, signal: AbortSignal, tell: Daemon['tell']): Daemon {
  return {
    records: session.records,
    siteOf: session.siteOf,
    manifest: session.manifest,
    signal,
    tell,
    complain: (about, error) => process.stderr.write(`${about}: ${error.message}\n`),
  };
}

const SHORTEST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/** Quiet rounds in a row after which what only waits is waiting for a person, or for a system that is down. */
const PATIENT_ROUNDS = 6;
const PATIENT_ROUNDS_UNANSWERED = 30;

/** Rounds until every dataset is settled, or nothing moves unless a person does something. */
export async function untilSettled(
  daemon: Daemon,
  among: Parameters<typeof round>[1],
  options: Parameters<typeof round>[2],
): Promise<RoundResult> {
  let wait = SHORTEST_WAIT_MS;
  let quietRounds = 0;
  for (let first = true; ; first = false) {
    const result = await round(daemon, among, { ...options, resync: first });
    const rests = [...result.rests.values()];
    const unanswered =
      result.errors.length > 0 || result.reports.some((report) => report.unanswered.size > 0);
    quietRounds = result.quiet && rests.every((rest) => rest.is !== 'moving') ? quietRounds + 1 : 0;
    const atRest = rests.every((rest) => rest.is === 'settled' || rest.is === 'stuck');
    if (result.quiet && result.needsPerson) return result;
    if (quietRounds > 0 && atRest && !first && !unanswered) return result;
    if (quietRounds >= (unanswered ? PATIENT_ROUNDS_UNANSWERED : PATIENT_ROUNDS)) return result;
    wait = result.quiet ? Math.min(LONGEST_WAIT_MS, wait * 1.5) : SHORTEST_WAIT_MS;
    await sleep(wait, undefined, { signal: daemon.signal });
  }
}

function phasesOf(given: unknown): readonly Phase[] {
  if (typeof given !== 'string') return PHASES;
  return given.split(',').map((name) => {
    const phase = PHASES.find((one) => one === name.trim());
    if (phase === undefined)
      throw new UserError(`there is no phase ${name}; there are: ${PHASES.join(', ')}`);
    return phase;
  });
}

function summarize({ reports, rests, errors }: RoundResult, dryRun: boolean): void {
  for (const line of waitLines(reports)) print(line);
  for (const [name, rest] of rests) print(`${name}: ${rest.is === 'settled' ? 'settled' : rest.because}`);
  if (dryRun && reports.every(isQuiet) && errors.length === 0) print('nothing to do');
}

function codeOf({ reports, rests, errors }: RoundResult, dryRun: boolean): number {
  if (errors.length > 0) return EXIT.failure;
  if (dryRun) return reports.every(isQuiet) ? EXIT.settled : EXIT.workRemains;
  return [...rests.values()].every((rest) => rest.is === 'settled') ? EXIT.settled : EXIT.workRemains;
}

/** What a round came to, for programs: passes that did, met or wait for something, and where datasets rest. */
export function roundData({ reports, rests, errors }: RoundResult): unknown {
  const passes = reports.filter((report: PassReport) => !isQuiet(report) || report.waits.length > 0);
  return { passes, datasets: rests, errors };
}
