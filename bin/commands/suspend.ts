import { hostname } from 'node:os';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { beginHold, type HoldBy, resumeHold } from '../../db/holds.ts';
import { PHASES, type Phase } from '../../machines/model.ts';
import { noteHolds } from '../../reconcilers/act/note-holds.ts';
import { datasetStop } from '../../reconcilers/decide/stops/dataset-stop.ts';
import { CATALOG, type Hold, type HoldTarget } from '../../reconcilers/model/holds.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import { type Command, dataPrinter, print, texts, withOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { type Holdable, holdablesNamed, nodesAt } from '../hold-targets.ts';
import { optional, recordsOf } from '../named.ts';
import { holdLine, targetText, waitingText } from '../print/held.ts';
import { lineWidth } from '../print/table.ts';
import { localTime } from '../print/time.ts';
import { hanging } from '../print/wrap.ts';
import { openSession, type Session } from '../session.ts';
import { whoAmI } from '../who.ts';

/** Keeps a dataset, a phase of one, or a system or node of a site from getting new work, until `resume`. */
export const suspendCommand: Command = {
  usage: 'suspend [datasets..]',
  summary: 'begin no new work for a dataset, phase, system or node',
  examples: [
    ['rereco suspend p17 --because "the catalog is being moved"', 'a dataset'],
    ['rereco suspend p17 --phase process --because "new macro tomorrow"', 'one phase of it'],
    [
      'rereco suspend --system hpss --because "tape library down until noon"',
      'a store, batch, catalog or from>to',
    ],
    ['rereco suspend --node ccwl0042 --because "bad memory"', 'new jobs run elsewhere'],
  ],
  options: (argv) =>
    targets(argv).option('because', {
      type: 'string',
      demandOption: true,
      describe: 'why; shown to everybody, kept in history',
    }),
  run: (argv, signal) => change(argv, signal, 'suspend'),
};

/** Ends what `suspend` began, and what a rule holds. */
export const resumeCommand: Command = {
  usage: 'resume [datasets..]',
  summary: 'end a suspension, or what a rule holds, on your word',
  examples: [
    ['rereco resume p17', 'ends what holds the dataset as a whole, a person’s word or a rule'],
    ['rereco resume p17 --phase process', 'one phase of it'],
    ['rereco resume --system hpss --because "the library is back"', 'a system of a site'],
  ],
  options: (argv) => targets(argv).option('because', { type: 'string', describe: 'why; kept in history' }),
  run: (argv, signal) => change(argv, signal, 'resume'),
};

function targets(argv: Argv): Argv {
  return withOutput(argv)
    .positional('datasets', { describe: 'names of datasets', type: 'string', array: true })
    .option('phase', {
      choices: PHASES,
      array: true,
      describe: 'only this phase of the datasets; may be given several times',
    })
    .option('system', {
      type: 'string',
      describe: `a store by its name, batch, ${CATALOG}, or a link as from>to`,
    })
    .option('node', { type: 'string', describe: 'a worker node' })
    .option('site', { type: 'string', describe: 'the site of a system or node, where there are several' });
}

interface Work {
  readonly session: Session;
  readonly because: string;
  readonly by: HoldBy;
}

/** What became of one thing that was named. */
interface Changed {
  readonly target: HoldTarget;
  readonly changed: boolean;
  readonly lines: readonly string[];
  readonly holds: readonly Hold[];
}

async function change(
  argv: ArgumentsCamelCase,
  signal: AbortSignal,
  verb: 'suspend' | 'resume',
): Promise<number> {
  const because = (optional(argv.because) ?? '').trim();
  if (verb === 'suspend' && because === '') throw new UserError('say why: --because "…"');
  const session = await openSession({ mode: 'repair', sites: [], signal, command: verb });
  try {
    const named = await holdablesNamed(session, {
      datasets: texts(argv.datasets),
      phases: texts(argv.phase).flatMap((name): readonly Phase[] => PHASES.filter((phase) => phase === name)),
      system: optional(argv.system),
      node: optional(argv.node),
      site: optional(argv.site),
    });
    const holder = `${verb} on ${hostname()} (process ${process.pid})`;
    const by = { by: whoAmI(), holder, nowMs: await session.records.now() };
    const work = { session, because, by };
    const all: Changed[] = [];
    for (const one of named) all.push(await (verb === 'suspend' ? suspend : resume)(one, work));
    const printData = dataPrinter(argv);
    if (printData !== null) printData(all.map(({ lines: _, ...data }) => data));
    else for (const { lines } of all) for (const line of lines) print(hanging(line, lineWidth()));
    return EXIT.settled;
  } finally {
    await session.close();
  }
}

async function suspend(one: Holdable, { session, because, by }: Work): Promise<Changed> {
  const { target, datasetId } = one;
  const hold = { datasetId, target, code: 'suspended.byPerson', reason: because } as const;
  const changed = await recordsOf(session).transaction((tx) => beginHold(tx, hold, by));
  const rows = await asNow(one, session);
  const holds = rows.slice(0, 1).flatMap((row) => row.holds.filter((each) => isOf(each, target)));
  const [lasting] = holds.filter(({ code }) => code === 'suspended.byPerson');
  const head = changed
    ? `${targetText(target)} is suspended: it gets no new work`
    : `${targetText(target)} is suspended already, since ${localTime(lasting?.sinceMs ?? by.nowMs)} by ${lasting?.by}: ${lasting?.reason}`;
  const waits = lasting === undefined ? [] : await whatWaits(lasting, rows, session);
  return { target, changed, lines: [head, ...waits], holds };
}

/** What a suspension keeps waiting, a line a dataset. */
async function whatWaits(
  hold: Hold,
  rows: readonly DatasetRow[],
  session: Session,
): Promise<readonly string[]> {
  const lines: string[] = [];
  let isOnly = false;
  for (const row of rows) {
    const nodes = nodesAt(session, row.loaded.site);
    isOnly ||= nodes.are === 'one' && hold.scope === 'node';
    const text = waitingText(row, await session.records.totals(row), hold, nodes.are === 'one');
    if (text !== '') lines.push(`  ${row.name}: ${text}`);
  }
  const [site] = rows.map(({ loaded }) => loaded.site);
  if (hold.scope !== 'node' || site === undefined) return lines;
  const elsewhere = isOnly
    ? `  ${site.batch.driver} has no other node: no job is submitted to it until then`
    : '  new jobs are kept off it';
  return [elsewhere, ...lines];
}

async function resume(one: Holdable, { session, because, by }: Work): Promise<Changed> {
  const { target } = one;
  const knex = recordsOf(session);
  if (target.scope === 'dataset') await noteDerived(one, session);
  const before = await asNow(one, session);
  const open = before.slice(0, 1).flatMap(({ holds }) => holds.filter((hold) => isOf(hold, target)));
  for (const hold of open) await resumeHold(knex, hold, because === '' ? 'resumed' : because, by);
  const ended = open.map(
    (hold) =>
      `${targetText(target)} goes on: it was ${hold.code === 'suspended.byPerson' ? 'suspended' : 'held'} since ${localTime(hold.sinceMs)} by ${hold.by}: ${hold.reason}`,
  );
  const nothing = open.length === 0 ? [`${targetText(target)} is neither suspended nor held`] : [];
  const left = await whatIsLeft(one, session);
  return { target, changed: open.length > 0, lines: [...ended, ...nothing, ...left], holds: open };
}

/** A hold that follows from failures may not be on record yet: a person can end it all the same. */
async function noteDerived(one: Holdable, session: Session): Promise<void> {
  const { records } = session;
  for (const dataset of await asNow(one, session)) {
    await noteHolds({ dataset, totals: await records.totals(dataset), now: await records.now() }, records);
  }
}

/** What keeps it from new work all the same. */
async function whatIsLeft(one: Holdable, session: Session): Promise<readonly string[]> {
  const rows = await asNow(one, session);
  if (one.datasetId === null) return [];
  const lines: string[] = [];
  for (const dataset of rows) {
    const lasting = dataset.holds.map((hold) => `  still ${holdLine(hold)}`);
    const totals = await session.records.totals(dataset);
    const stopped = datasetStop({ dataset: { ...dataset, holds: [] }, totals });
    lines.push(...lasting, ...(stopped === undefined ? [] : [`  still ${dataset.name}: ${stopped.text}`]));
  }
  return lines;
}

const isOf = (hold: Hold, { scope, of, name }: HoldTarget) =>
  hold.scope === scope && hold.of === of && hold.name === name;

async function asNow({ concerns }: Holdable, { records }: Session): Promise<readonly DatasetRow[]> {
  return Promise.all(concerns.map(({ name }) => records.dataset(name)));
}
