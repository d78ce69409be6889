import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeServer, stopServer } from '../../db/server/embedded.ts';
import { PHASES } from '../../machines/model.ts';
import { takeUpSpecs } from '../../reconcilers/daemon/rounds.ts';
import { untilSettled } from '../../reconcilers/daemon/until-settled.ts';
import { isQuiet, type PassReport } from '../../reconcilers/pass-report.ts';
import { formatProblem } from '../../specs/errors.ts';
import { loadSpecs } from '../../specs/load.ts';
import type { LoadedSpecs } from '../../specs/types.ts';
import { type Command, print } from '../command.ts';
import { daemonOf, roundPace } from '../daemon-of.ts';
import { type LiveView, liveView } from '../demo/live-view.ts';
import { readSummary, summaryText } from '../demo/summary.ts';
import { openWorld, type World } from '../demo/world.ts';
import { EXIT, UserError } from '../failure.ts';
import { openSession, type Session } from '../session.ts';

/** Plays a whole campaign in `.rereco/demo`, with a folder as Fermilab and two faults of the world. */
export const demoCommand: Command = {
  usage: 'demo',
  summary: 'play a whole campaign in .rereco/demo',
  examples: [
    ['rereco demo', 'two dozen raw files from arrival to the way back; takes half a minute'],
    ['rereco demo --fresh --keep', 'from the beginning, and look around afterwards'],
  ],
  options: (argv) =>
    argv
      .option('fresh', { type: 'boolean', default: false, describe: 'forget the last one and start over' })
      .option('keep', { type: 'boolean', default: false, describe: 'leave its PostgreSQL running' }),

  async run(argv, signal) {
    const folder = path.resolve('.rereco', 'demo');
    if (argv.fresh === true) {
      await removeServer(folder, signal);
      await rm(folder, { recursive: true, force: true });
    }
    const keep = argv.keep === true;
    try {
      const code = await play(folder, signal);
      if (keep) print(waysToLook(folder));
      return code;
    } finally {
      // Not by the command's signal: after a Ctrl-C the server must end as well.
      if (!keep) await stopServer(folder, AbortSignal.timeout(SERVER_END_MS));
    }
  },
};

const SERVER_END_MS = 240_000;

async function play(folder: string, signal: AbortSignal): Promise<number> {
  const world = await openWorld(folder);
  const specs = await loadSpecs([world.specs], { stateDir: folder, signal });
  if (specs.problems.length > 0) {
    throw new UserError(
      `${specs.problems.map((problem) => formatProblem(problem)).join('\n')}\nput that right, or \`rereco demo --fresh\``,
    );
  }
  const at = path.relative(process.cwd(), folder);
  if (world.isNew) print(`${at}/fermilab has 24 raw files, ${at}/specs says what should become of them\n`);

  const session = await openSession({
    mode: 'work',
    sites: specs.datasets.map((dataset) => dataset.site),
    signal,
    command: 'demo',
    stateDir: folder,
  });
  try {
    return await settle(session, specs, world, signal);
  } finally {
    await session.close();
  }
}

async function settle(
  session: Session,
  specs: LoadedSpecs,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const view = liveView(process.stdout, Date.now);
  const did = { something: false };
  const daemon = daemonOf(session, signal, {
    onPass: (report) => {
      did.something ||= !isQuiet(report);
      narrate(report, world, view);
    },
  });
  const isCovered = ({ file }: { readonly file: string }) => file.startsWith(world.specs + path.sep);
  const { names } = await takeUpSpecs(daemon, specs, isCovered);
  const among = ({ name }: { readonly name: string }) => names.includes(name);
  const options = { phases: PHASES, resync: true, dryRun: false };
  const ended = new AbortController();
  const [result] = await Promise.all([
    untilSettled(daemon, among, options, roundPace).finally(() => ended.abort()),
    follow(session, view, AbortSignal.any([signal, ended.signal])),
  ]);
  await showTotals(session, view);
  view.end();

  const rests = [...result.rests.values()];
  if (!did.something) print('\nnothing is left to do; `rereco demo --fresh` starts over');
  for (const rest of rests) if (rest.is !== 'settled') print(`\nnot settled: ${rest.because}`);
  await summarize(session, signal);
  if (result.errors.length > 0) return EXIT.failure;
  return rests.every((rest) => rest.is === 'settled') ? EXIT.settled : EXIT.workRemains;
}

/** Tell what went wrong and what recovers; Fermilab notices its damaged file when a copy of it was refused. */
function narrate({ phase, moves }: PassReport, world: World, view: LiveView): void {
  for (const move of moves.filter(({ subject }) => subject.kind === 'file')) {
    if (move.to === 'error') view.note(`${phase}: ${move.because}`);
    if (move.from === 'error') view.note(`${phase}: again, ${move.because}`);
  }
  if (!moves.some(({ fact }) => fact === 'transfer.failed')) return;
  const repaired = world.repair();
  if (repaired !== null) view.note(`Fermilab has put ${repaired} right`);
}

const LOOK_EVERY_MS = 200;

/** Show how far the files are until the signal. */
async function follow(session: Session, view: LiveView, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await showTotals(session, view);
    // The signal ends the wait; the loop's condition then ends the loop.
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function showTotals({ records }: Session, view: LiveView): Promise<void> {
  for (const dataset of await records.datasets()) view.show(await records.totals(dataset));
}

async function summarize({ records, database, siteOf }: Session, signal: AbortSignal): Promise<void> {
  if (database === null) return;
  for (const dataset of await records.datasets()) {
    const { catalog } = siteOf(dataset.loaded.site).ports;
    const totals = await records.totals(dataset);
    const summary = await readSummary(database, catalog, dataset, totals, signal);
    print(`\n${summaryText(summary, process.cwd())}`);
  }
}

function waysToLook(folder: string): string {
  const lines = [
    'its PostgreSQL runs on; look around:',
    ...(process.env.DATABASE_URL ? ['  unset DATABASE_URL'] : []),
    `  export RERECO_STATE='${folder.replaceAll("'", "'\\''")}'`,
    '  npx rereco status',
    '  npx rereco get files',
    '  npx rereco get jobs',
    '  npx rereco db stop        # when you have seen enough',
  ];
  return `\n${lines.join('\n')}`;
}
