import { setTimeout as sleep } from 'node:timers/promises';
import { PHASES } from '../../machines/model.ts';
import { type Daemon, round, takeUpSpecs } from '../../reconcilers/daemon/rounds.ts';
import { DriverError } from '../../reconcilers/ports/errors.ts';
import { formatProblem } from '../../specs/errors.ts';
import { watchSpecs } from '../../specs/watch.ts';
import { type Command, print } from '../command.ts';
import { EXIT, isDatabaseDown } from '../failure.ts';
import { passLines } from '../print/report.ts';
import { openSession, type Session } from '../session.ts';
import { readSpecs } from '../specs.ts';
import { daemonOf } from './reconcile.ts';

/** Applies changes of specs by itself and reconciles again and again until it is stopped. */
export const watchCommand: Command = {
  usage: 'watch [dir]',
  summary: 'apply changes of specs by itself and go on reconciling',
  examples: [['rereco watch specs/', 'until SIGTERM or Ctrl-C; running jobs go on after that']],
  options: (argv) =>
    argv
      .positional('dir', { type: 'string', default: '.', describe: 'the folder of the specs' })
      .option('resync', {
        type: 'number',
        default: 600,
        describe: 'seconds between two looks at everything',
      }),

  async run(argv, signal) {
    const dir = String(argv.dir);
    const bell = newBell();
    await watchSpecs([dir], () => bell.ring(), signal);
    try {
      await keepGoing(dir, Number(argv.resync) * 1000, bell, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    print('stopped; jobs and transfers that run go on, the next pass finds them');
    return EXIT.settled;
  },
};

interface Bell {
  ring(): void;
  /** Whether it rang since it was last asked. */
  rang(): boolean;
  /** Until it rings, or so long. */
  wait(atMostMs: number, signal: AbortSignal): Promise<void>;
}

/** A change while nobody listens is not lost; many changes are one. */
function newBell(): Bell {
  let rung = false;
  let wake = new AbortController();
  return {
    ring() {
      rung = true;
      wake.abort();
    },
    rang() {
      const was = rung;
      rung = false;
      wake = new AbortController();
      return was;
    },
    async wait(atMostMs, signal) {
      await sleep(atMostMs, undefined, { signal: AbortSignal.any([wake.signal, signal]) }).catch(() => {});
      signal.throwIfAborted();
    },
  };
}

const BUSY_WAIT_MS = 250;
const IDLE_WAIT_MS = 2_000;
const BROKEN_WAIT_MS = 5_000;

async function keepGoing(dir: string, resyncMs: number, bell: Bell, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await withSession(dir, resyncMs, bell, signal);
    } catch (error) {
      if (signal.aborted || !(isDatabaseDown(error) || error instanceof DriverError)) throw error;
      process.stderr.write(`the database does not answer (${String(error)}); trying again\n`);
      await bell.wait(BROKEN_WAIT_MS, signal);
    }
  }
}

async function withSession(dir: string, resyncMs: number, bell: Bell, signal: AbortSignal): Promise<void> {
  const first = await readSpecs([dir], signal);
  const sites = first.specs.datasets.map((dataset) => dataset.site);
  const session = await openSession({ readOnly: false, sites, signal, command: 'watch' });
  try {
    await goRound(session, dir, resyncMs, bell, signal);
  } finally {
    await session.close();
  }
}

async function goRound(
  session: Session,
  dir: string,
  resyncMs: number,
  bell: Bell,
  signal: AbortSignal,
): Promise<never> {
  const daemon = daemonOf(session, signal, (report) => {
    for (const line of passLines(report, 'did')) print(line);
  });
  let names = await takeUp(daemon, dir, signal);
  let lastResync = 0;
  for (;;) {
    if (bell.rang()) names = await takeUp(daemon, dir, signal);
    const resync = Date.now() - lastResync >= resyncMs;
    if (resync) lastResync = Date.now();
    const meant = new Set(names);
    const { quiet } = await round(daemon, ({ name }) => meant.has(name), {
      phases: PHASES,
      resync,
      dryRun: false,
    });
    await bell.wait(quiet ? IDLE_WAIT_MS : BUSY_WAIT_MS, signal);
  }
}

async function takeUp(daemon: Daemon, dir: string, signal: AbortSignal): Promise<readonly string[]> {
  const read = await readSpecs([dir], signal);
  for (const problem of read.specs.problems) process.stderr.write(`${formatProblem(problem)}\n`);
  const names = await takeUpSpecs(daemon, read.specs, read.isCovered);
  print(`${names.length} datasets: ${names.join(', ')}`);
  // The last good generation of a spec that is broken now stays in force.
  const broken = new Set(read.specs.problems.map((problem) => problem.file));
  const known = await daemon.records.datasets();
  const kept = known.filter((row) => broken.has(row.loaded.origin.file)).map((row) => row.name);
  return [...new Set([...names, ...kept])];
}
