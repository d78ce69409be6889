import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArgumentsCamelCase } from 'yargs';
import type { Daemon } from '../../reconcilers/daemon/daemon.ts';
import { openLanes, type Pace } from '../../reconcilers/daemon/lanes.ts';
import { lanePass } from '../../reconcilers/daemon/passes.ts';
import { takeUpSpecs } from '../../reconcilers/daemon/rounds.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import { DriverError } from '../../reconcilers/ports/errors.ts';
import { dataFolders } from '../../specs/data-folders.ts';
import { formatProblem } from '../../specs/errors.ts';
import { type SpecWatch, watchSpecs } from '../../specs/watch.ts';
import type { Command } from '../command.ts';
import { daemonOf } from '../daemon-of.ts';
import { EXIT, isDatabaseDown, UserError } from '../failure.ts';
import { LOG_LEVELS, type Log, type LogLevel, openLog } from '../log.ts';
import { type News, newsOf } from '../news.ts';
import { orphanLine, refusedLine } from '../print/report.ts';
import { openSession, type Session } from '../session.ts';
import { readSpecs } from '../specs.ts';

/** Applies changes of specs by itself and reconciles again and again until it is stopped. */
export const watchCommand: Command = {
  usage: 'watch [dir]',
  summary: 'apply changes of specs by itself and go on reconciling',
  examples: [
    ['rereco watch specs/', 'until SIGTERM or Ctrl-C; running jobs go on after that'],
    ['rereco watch specs/ >> watch.ndjson', 'a JSON line for each thing that changed'],
  ],
  options: (argv) =>
    argv
      .positional('dir', { type: 'string', default: '.', describe: 'the folder of the specs' })
      .option('resync', {
        type: 'number',
        default: 600,
        describe: 'seconds between two looks at everything',
      })
      .option('log-level', {
        choices: LOG_LEVELS,
        default: 'info' as const,
        describe: 'the least that is told; debug: each step and each wait',
      }),

  async run(argv, signal) {
    const log = openLog(levelOf(argv), process.stdout.isTTY === true);
    const dir = String(argv.dir);
    if (!existsSync(dir)) throw new UserError(`${dir} does not exist; name the folder of the specs`);
    const wakeUp = newWakeUp();
    const stop = new AbortController();
    const ending = AbortSignal.any([signal, stop.signal]);
    // A longer one is no timer's, which would ring at once.
    const resyncMs = Math.min(Number(argv.resync) * 1000, LONGEST_TIMER_MS);
    try {
      const specs = await watchSpecs([dir], () => wakeUp.now(), ending, [], refusal(log));
      await keepGoing({ dir, resyncMs, wakeUp, specs, log, news: newsOf(log), signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      stop.abort();
    }
    log.info('stopped; jobs and transfers that run go on, the next pass finds them');
    return EXIT.settled;
  },
};

function levelOf(argv: ArgumentsCamelCase): LogLevel {
  return LOG_LEVELS.find((level) => level === argv.logLevel) ?? 'info';
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What the system refuses to watch is for a person; the watch goes on by looking. */
function refusal(log: Log): (error: unknown) => void {
  return (error) => log.error(error instanceof Error ? error.message : String(error));
}

interface Watch {
  readonly dir: string;
  readonly resyncMs: number;
  readonly wakeUp: WakeUp;
  readonly specs: SpecWatch;
  readonly log: Log;
  readonly news: News;
  readonly signal: AbortSignal;
}

/** A `WakeUp` ends the wait for a change of the specs. */
interface WakeUp {
  now(): void;
  /** Until it is called, or was since it was last waited for; or so long. */
  wait(atMostMs: number, signal: AbortSignal): Promise<void>;
}

/** A change while nobody listens is not lost; many changes are one. */
function newWakeUp(): WakeUp {
  let wake = new AbortController();
  return {
    now: () => wake.abort(),
    async wait(atMostMs, signal) {
      await sleepUntil(atMostMs, [wake.signal, signal]);
      if (wake.signal.aborted) wake = new AbortController();
      signal.throwIfAborted();
    },
  };
}

/** So long, or until one of the signals, which keep nothing of it. */
async function sleepUntil(ms: number, signals: readonly AbortSignal[]): Promise<void> {
  if (signals.some((signal) => signal.aborted)) return;
  const wake = new AbortController();
  const ring = () => wake.abort();
  for (const signal of signals) signal.addEventListener('abort', ring);
  // The signal ends the wait, as it should.
  await sleep(ms, undefined, { signal: wake.signal }).catch(() => undefined);
  for (const signal of signals) signal.removeEventListener('abort', ring);
}

const BROKEN_WAIT_MS = 5_000;

/** Watch until the signal; while the database is gone, try again and again. */
async function keepGoing(watch: Watch): Promise<void> {
  const { log, wakeUp, signal } = watch;
  for (;;) {
    try {
      await withSession(watch);
    } catch (error) {
      if (signal.aborted || !(isDatabaseDown(error) || error instanceof DriverError)) throw error;
      log.error(`the database does not answer (${String(error)}); trying again`);
      await wakeUp.wait(BROKEN_WAIT_MS, signal);
    }
  }
}

async function withSession(watch: Watch): Promise<void> {
  const { dir, signal } = watch;
  const first = await readSpecs([dir], signal);
  const sites = first.specs.datasets.map((dataset) => dataset.site);
  const session = await openSession({ mode: 'work', sites, signal, command: 'watch' });
  try {
    await follow(session, watch);
  } finally {
    await session.close();
  }
}

/** Longer than anybody waits; a change ends it. */
const ONE_DAY_MS = 86_400_000;

/** Take up the specs, and again whenever they change, while the lanes work. */
async function follow(session: Session, watch: Watch): Promise<void> {
  const { resyncMs, wakeUp, log, signal } = watch;
  const stop = new AbortController();
  const ending = AbortSignal.any([signal, stop.signal]);
  // Every lane of every dataset listens to it.
  setMaxListeners(0, ending);
  const daemon = daemonOf(session, ending, {
    onPass: (report) => log.pass(report),
    onMembers: (report) => log.members(report),
    onProblem: (about, error) => log.error(`${about}: ${error.message}`),
  });
  const pace: Pace = { clock: () => performance.now(), sleep: sleepUntil, resyncMs };
  const lanes = openLanes(lanePass(daemon), pace, daemon.signal);
  const changes = async () => {
    for (;;) {
      const names = await takeUp(daemon, watch);
      lanes.follow(names, await sitesOf(daemon, names));
      await wakeUp.wait(ONE_DAY_MS, daemon.signal);
    }
  };
  const changing = changes();
  try {
    await Promise.race([lanes.failed, changing]);
  } finally {
    // What is under way ends first: it still needs the session.
    stop.abort();
    await changing.catch(() => undefined);
    await lanes.drained();
  }
}

/** The sites that some datasets are at. */
async function sitesOf({ records }: Daemon, names: readonly string[]): Promise<readonly string[]> {
  const datasets = (await records.datasets()).filter(({ name }) => names.includes(name));
  return [...new Set(datasets.map(({ loaded }) => loaded.site.name))];
}

async function takeUp(daemon: Daemon, watch: Watch): Promise<readonly string[]> {
  const { dir, log } = watch;
  const { specs, isCovered } = await readSpecs([dir], daemon.signal);
  watch.specs.follow(specs.namedFiles, dataFolders(specs));
  const { names, refused, generations, problems, orphans } = await takeUpSpecs(daemon, specs, isCovered);
  for (const one of generations) log.generation(one);
  const wrong = [
    ...[...specs.problems, ...problems].map((one) => formatProblem(one)),
    ...refused.map(refusedLine),
  ];
  watch.news.tell([
    ...wrong.map((text) => ({ text, level: 'error' as const })),
    ...orphans.map((one) => ({
      ...{ text: orphanLine(one), level: 'error' as const },
      fields: { dataset: one.row.name },
    })),
    {
      text: `${counted(names.length, 'dataset')}: ${names.join(', ')}`,
      level: 'info' as const,
      fields: { datasets: names },
    },
  ]);
  return names;
}
