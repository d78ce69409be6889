import { createInterface } from 'node:readline/promises';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { type Selection, selectFormerPlaces, selectTroubled } from '../../db/selection.ts';
import { cleanInputs, cleanOutputs } from '../../reconcilers/act/clean.ts';
import { cleanExported } from '../../reconcilers/act/clean-exported.ts';
import { refreshMembers } from '../../reconcilers/act/members.ts';
import { noteHolds } from '../../reconcilers/act/note-holds.ts';
import { type ClosedGate, closedGates, openGates } from '../../reconcilers/act/open-gates.ts';
import { takeAnew } from '../../reconcilers/act/take-anew.ts';
import { type RoundResult, round } from '../../reconcilers/daemon/rounds.ts';
import { isCleanable } from '../../reconcilers/decide/facts/clean.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import type { SiteSpec } from '../../specs/types.ts';
import { type Command, dataPrinter, texts, withOutput } from '../command.ts';
import { daemonOf } from '../daemon-of.ts';
import { EXIT, UserError } from '../failure.ts';
import { datasetsNamed, namesTyped, recordsOf } from '../named.ts';
import { type CleaningTold, forPeople, forPrograms } from '../print/cleaning.ts';
import { openSession, type Session } from '../session.ts';
import { applyChanged, notApplied, specsNow } from '../spec-now.ts';
import { whoAmI } from '../who.ts';
import { contextFor } from '../why-file.ts';

/** Ends what failed, puts its leavings away, and lets the files start anew at the next pass. */
export const cleanCommand: Command = {
  usage: 'clean [files..]',
  summary: 'undo what failed attempts have begun, so that files start anew',
  examples: [
    ['rereco clean --dataset p17', 'everything of a dataset that is in error, shown before it is done'],
    ['rereco clean all_0000176852_001.raw --yes', 'one file, without asking'],
    [
      'rereco clean --dataset p17 --group contradicts',
      'files that have changed since: taken as they are now',
    ],
    ['rereco clean --dataset p17 --group "no report"', 'only failures with this signature'],
    ['rereco clean --dataset p17 --yes -o json', 'what was selected and done, for a program'],
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
  return withOutput(argv)
    .positional('files', { describe: 'names of files', type: 'string', array: true })
    .option('dataset', {
      type: 'string',
      array: true,
      describe: 'all files of this dataset, or the dataset of the files; may be given several times',
    })
    .option('group', {
      type: 'string',
      array: true,
      describe: 'only failures whose signature contains this text, or one of several such',
    })
    .option('as-recorded', {
      type: 'boolean',
      default: false,
      describe: 'by the spec in force, whatever its file says now',
    })
    .option('yes', { type: 'boolean', default: false, describe: 'do it without asking' });
}

async function cleanThen(argv: ArgumentsCamelCase, signal: AbortSignal, verb: string): Promise<number> {
  const typed = texts(argv.files);
  const wanted = texts(argv.dataset);
  if (typed.length + wanted.length === 0) throw new UserError(`${verb} what? Name files, or --dataset`);

  const session = await openSession({ mode: 'repair', sites: [], signal, command: verb });
  const printData = dataPrinter(argv);
  const told = printData === null ? forPeople() : forPrograms(printData);
  try {
    const datasets = await datasetsNamed(session, wanted);
    const names = await namesTyped(recordsOf(session), typed, wanted);
    const selection = { names, groups: texts(argv.group) };
    const work = { session, verb, selection, told, signal };
    return await clean(work, datasets, { yes: argv.yes === true, asRecorded: argv.asRecorded === true });
  } finally {
    told.end();
    await session.close();
  }
}

interface Work {
  readonly session: Session;
  readonly verb: string;
  readonly selection: Selection;
  readonly told: CleaningTold;
  readonly signal: AbortSignal;
}

async function clean(
  work: Work,
  datasets: readonly DatasetRow[],
  { yes, asRecorded }: { readonly yes: boolean; readonly asRecorded: boolean },
): Promise<number> {
  const { session, verb, told, signal } = work;
  const { files, troubled } = await select(work, datasets);
  const gates = await selectGates(work, datasets);
  if (files + gates.length === 0) {
    told.nothing();
    return EXIT.settled;
  }
  const meant = datasets.filter((row) => troubled.has(row) || gates.some(({ dataset }) => dataset === row));
  const changed = asRecorded ? [] : await changedSpecs(meant, signal);
  for (const { dataset } of changed) told.changed(dataset);
  const question = files > 0 ? `${verb} ${counted(files, 'file')}?` : `${verb}: hand in new work again?`;
  if (!yes && !(await agreed(question, told.terminal, signal))) return EXIT.workRemains;

  const applied = await applyChanged(changed, daemonOf(session, signal, {}));
  for (const dataset of applied) told.applied(dataset);
  const inForce = (row: DatasetRow) => applied.find(({ id }) => id === row.id) ?? row;
  let left = 0;
  for (const row of meant) left += await cleanDataset(work, inForce(row));
  for (const { dataset, closed } of gates) {
    told.opened(dataset, await openGates(inForce(dataset), closed, session.records));
  }
  for (const row of meant) await endHolds(inForce(row), session);
  if (verb === 'resubmit') told.round(await goOn(work, meant));
  return left === 0 ? EXIT.settled : EXIT.workRemains;
}

/** What failures held goes on where too few of them are left. */
async function endHolds({ name }: DatasetRow, { records }: Session): Promise<void> {
  const [dataset, now] = [await records.dataset(name), await records.now()];
  const by = { by: whoAmI(), because: 'cleaned' };
  await noteHolds({ dataset, totals: await records.totals(dataset), now }, records, by);
}

/** The specs that have changed since they were applied. @throws UserError for one that is gone or wrong now */
async function changedSpecs(datasets: readonly DatasetRow[], signal: AbortSignal) {
  const now = await specsNow(datasets, signal);
  const lost = now.find((one) => one.is === 'lost');
  if (lost !== undefined) throw new UserError(notApplied(lost.dataset, lost.because));
  return now.filter((one) => one.is === 'changed');
}

/** Tell what would be cleaned. @returns how many files that is, and whose they are */
async function select(
  { session: { database }, selection, told }: Work,
  datasets: readonly DatasetRow[],
): Promise<{ readonly files: number; readonly troubled: ReadonlySet<DatasetRow> }> {
  let files = 0;
  const troubled = new Set<DatasetRow>();
  for (const dataset of datasets) {
    if (database === null) break;
    const { inputs, outputs, replaced } = await selectTroubled(database.knex, dataset, selection);
    told.selected(dataset, [...inputs, ...replaced], outputs);
    const count = inputs.length + outputs.length + replaced.length;
    files += count;
    if (count > 0) troubled.add(dataset);
  }
  return { files, troubled };
}

interface DatasetGates {
  readonly dataset: DatasetRow;
  readonly closed: readonly ClosedGate[];
}

/** Tell which gates would be opened: those of whole datasets, not of a few files or failures. */
async function selectGates(
  { session: { records }, selection: { names, groups }, told }: Work,
  datasets: readonly DatasetRow[],
): Promise<readonly DatasetGates[]> {
  if (names.length + groups.length > 0) return [];
  const gates: DatasetGates[] = [];
  for (const dataset of datasets) {
    const closed = await closedGates(dataset, records);
    if (closed.length === 0) continue;
    told.closed(dataset, closed);
    gates.push({ dataset, closed });
  }
  return gates;
}

async function agreed(question: string, output: NodeJS.WriteStream, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UserError('there is no terminal to ask on: add --yes');
  const terminal = createInterface({ input: process.stdin, output });
  // On a terminal Ctrl-C is a key of the question's, and no signal; Ctrl-D closes it unanswered.
  const unanswered = new AbortController();
  for (const event of ['SIGINT', 'close'] as const) terminal.on(event, () => unanswered.abort());
  try {
    const answer = await terminal.question(`${question} [y/N] `, {
      signal: AbortSignal.any([signal, unanswered.signal]),
    });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (!unanswered.signal.aborted) throw error;
    return false;
  } finally {
    terminal.close();
  }
}

const INPUT_PHASES = ['transfer', 'verify', 'process'] as const;

/** @returns how many files could not be put right */
async function cleanDataset(
  { session, selection, told, signal }: Work,
  dataset: DatasetRow,
): Promise<number> {
  if (session.database === null) return 0;
  const { ports } = session.siteOf(dataset.loaded.site);
  const around = { records: session.records, ports, manifest: session.manifest, signal };
  // What the catalog says may have been the fault: it is asked anew.
  await refreshMembers(dataset, around);
  const { inputs, outputs, replaced } = await selectTroubled(session.database.knex, dataset, selection);
  const cleaning = {
    ...around,
    storesOf: (site: SiteSpec) => session.siteOf(site).ports.stores,
    by: whoAmI(),
  };
  if (replaced.length > 0) {
    told.cleaned(dataset, 'process', await takeAnew(dataset, replaced, cleaning));
    await refreshMembers(dataset, around);
  }
  for (const phase of INPUT_PHASES) {
    const its = inputs.filter((input) => isCleanable(input, phase));
    if (its.length > 0) told.cleaned(dataset, phase, await cleanInputs(dataset, phase, its, cleaning));
  }
  for (const phase of ['process', 'publish'] as const) {
    const its = outputs.filter((output) => output.phase === phase);
    if (its.length > 0) told.cleaned(dataset, phase, await cleanOutputs(dataset, phase, its, cleaning));
  }
  // Also those without trouble that are named: their copies are looked at.
  const exported = outputs.filter(({ phase }) => phase === null || phase === 'export');
  if (exported.length === 0) return 0;
  const former = await selectFormerPlaces(session.database.knex, exported);
  const done = await cleanExported(await contextFor(session, dataset), exported, former, cleaning);
  told.cleaned(dataset, 'export', done);
  return 'takenBy' in done ? 0 : (done.told ?? []).filter((one) => one.left).length;
}

async function goOn({ session, told, signal }: Work, datasets: readonly DatasetRow[]): Promise<RoundResult> {
  const daemon = daemonOf(session, signal, { onPass: told.pass });
  const meant = new Set(datasets.map((dataset) => dataset.name));
  const phases = [...INPUT_PHASES, 'publish', 'export'] as const;
  return round(daemon, ({ name }) => meant.has(name), { phases, resync: true, dryRun: false });
}
