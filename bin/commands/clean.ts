import { createInterface } from 'node:readline/promises';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { selectTroubled } from '../../db/selection.ts';
import { type Cleaned, cleanInputs, cleanOutputs, isCleanable } from '../../reconcilers/act/clean.ts';
import { refreshMembers } from '../../reconcilers/act/members.ts';
import { round } from '../../reconcilers/daemon/rounds.ts';
import type { DatasetRow } from '../../reconcilers/decide/rows.ts';
import type { LeaseTaken } from '../../reconcilers/ports/records.ts';
import { type Command, print, texts } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { passLines } from '../print/report.ts';
import { counted, table } from '../print/table.ts';
import { openSession, type Session } from '../session.ts';
import { daemonOf } from './reconcile.ts';

/** Ends what failed, puts its leavings away, and lets the files start anew at the next pass. */
export const cleanCommand: Command = {
  usage: 'clean [files..]',
  summary: 'undo what failed attempts have begun, so that files start anew',
  examples: [
    ['rereco clean --dataset p17', 'everything of a dataset that is in error, shown before it is done'],
    ['rereco clean all_0000176852_001.raw --yes', 'one file, without asking'],
    ['rereco clean --dataset p17 --group "no report"', 'only failures with this signature'],
  ],
  options,
  run: (argv, signal) => cleanThen(argv, signal, 'clean'),
};

/** Cleans, then takes the next steps at once. */
export const resubmitCommand: Command = {
  usage: 'resubmit [files..]',
  summary: 'clean, then take the next steps at once',
  examples: [['rereco resubmit --dataset p17 --yes', 'clean what failed and start it again now']],
  options,
  run: (argv, signal) => cleanThen(argv, signal, 'resubmit'),
};

function options(argv: Argv): Argv {
  return argv
    .positional('files', { describe: 'names of files', type: 'string', array: true })
    .option('dataset', { type: 'string', describe: 'all files of this dataset, or the dataset of the files' })
    .option('group', { type: 'string', describe: 'only failures whose signature contains this text' })
    .option('yes', { type: 'boolean', default: false, describe: 'do it without asking' });
}

async function cleanThen(argv: ArgumentsCamelCase, signal: AbortSignal, verb: string): Promise<number> {
  const names = texts(argv.files);
  const wanted = typeof argv.dataset === 'string' ? argv.dataset : null;
  if (names.length === 0 && wanted === null) throw new UserError(`${verb} what? Name files, or --dataset`);

  const session = await openSession({ readOnly: false, sites: [], signal, command: verb });
  try {
    const datasets = await datasetsMeant(session, wanted);
    const group = typeof argv.group === 'string' ? argv.group : null;
    const shown = await Promise.all(datasets.map((dataset) => show(session, dataset, names, group)));
    const files = shown.reduce((sum, count) => sum + count, 0);
    if (files === 0) {
      print('nothing to clean: no such file is in error or running');
      return EXIT.settled;
    }
    if (argv.yes !== true && !(await agreed(`${verb} ${counted(files, 'file')}?`))) return EXIT.workRemains;
    for (const dataset of datasets) await cleanDataset(session, dataset, { names, group }, signal);
    if (verb === 'resubmit') await goOn(session, datasets, signal);
    return EXIT.settled;
  } finally {
    await session.close();
  }
}

async function datasetsMeant(session: Session, wanted: string | null): Promise<readonly DatasetRow[]> {
  const all = await session.records.datasets();
  const meant = all.filter((dataset) => wanted === null || dataset.name === wanted);
  if (meant.length > 0) return meant;
  throw new UserError(`there is no dataset ${wanted}; \`rereco get datasets\` lists them`);
}

async function show(
  { database }: Session,
  dataset: DatasetRow,
  names: readonly string[],
  group: string | null,
): Promise<number> {
  if (database === null) return 0;
  const { inputs, outputs } = await selectTroubled(database.knex, dataset, { names, group });
  const rows = [...inputs, ...outputs];
  if (rows.length > 0) print(table(rows.slice(0, 20).map((row) => [row.name, row.state, row.reason ?? ''])));
  if (rows.length > 20) print(`… and ${rows.length - 20} more`);
  return rows.length;
}

async function agreed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UserError('there is no terminal to ask on: add --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

const INPUT_PHASES = ['transfer', 'verify', 'process'] as const;
const OUTPUT_PHASES = ['publish', 'export'] as const;

async function cleanDataset(
  session: Session,
  dataset: DatasetRow,
  selection: { readonly names: readonly string[]; readonly group: string | null },
  signal: AbortSignal,
): Promise<void> {
  if (session.database === null) return;
  const { ports } = session.siteOf(dataset.loaded.site);
  const around = { records: session.records, ports, manifest: session.manifest, signal };
  // What the catalog says may have been the fault: it is asked anew.
  await refreshMembers(dataset, around);
  const { inputs, outputs } = await selectTroubled(session.database.knex, dataset, selection);
  const cleaning = { ...around, by: process.env.USER ?? `user ${process.getuid?.() ?? 'unknown'}` };
  for (const phase of INPUT_PHASES) {
    const its = inputs.filter((input) => isCleanable(input, phase));
    if (its.length > 0) tell(dataset, phase, await cleanInputs(dataset, phase, its, cleaning));
  }
  for (const phase of OUTPUT_PHASES) {
    const its = outputs.filter((output) => output.phase === phase);
    if (its.length > 0) tell(dataset, phase, await cleanOutputs(dataset, phase, its, cleaning));
  }
}

function tell(dataset: DatasetRow, phase: string, done: Cleaned | LeaseTaken): void {
  const head = `${dataset.name} ${phase}:`;
  if ('takenBy' in done) {
    print(`${head} in the hands of ${done.takenBy}; try again in a moment`);
    return;
  }
  const { files, cancelled, quarantined } = done;
  print(
    `${head} ${counted(files, 'file')} cleaned, ${counted(cancelled.length, 'submission')} ended, ${quarantined} put away`,
  );
}

async function goOn(session: Session, datasets: readonly DatasetRow[], signal: AbortSignal): Promise<void> {
  const daemon = daemonOf(session, signal, {
    tell: (report) => {
      for (const line of passLines(report)) print(line);
    },
  });
  const meant = new Set(datasets.map((dataset) => dataset.name));
  const phases = [...INPUT_PHASES, ...OUTPUT_PHASES];
  await round(daemon, ({ name }) => meant.has(name), { phases, resync: true, dryRun: false });
}
