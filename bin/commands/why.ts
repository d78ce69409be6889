import type { Knex } from 'knex';
import { findFiles, type NamedFile } from '../../db/queries/names.ts';
import { readInput, readLastFailure, readOutput, readOutputsOf } from '../../db/queries/why.ts';
import { readWaiver, type StandingWaiver } from '../../db/waivers.ts';
import type { Subject } from '../../reconcilers/decide/answer.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import type { SiteSpec } from '../../specs/types.ts';
import { type Command, dataPrinter, type PrintData, print, texts, withOutput } from '../command.ts';
import { type FailedLog, readFailedLogs } from '../failed-logs.ts';
import { EXIT, UserError } from '../failure.ts';
import { datasetsNamed, filesNamed, recordsOf } from '../named.ts';
import { namesMeant } from '../print/shown.ts';
import { waitLines } from '../print/waits.ts';
import { whyLines } from '../print/why.ts';
import { wrapped } from '../print/wrap.ts';
import { openSession, type Session } from '../session.ts';
import { specSentence, specsNow } from '../spec-now.ts';
import { explainDataset } from '../why-dataset.ts';
import { contextFor, explainFile, type Why } from '../why-file.ts';

/**
 * Answers why a file is not moving, or what the files of a dataset wait for, from the same rules
 * that decide; for a file it asks the systems those rules ask. It changes nothing.
 */
export const whyCommand: Command = {
  usage: 'why <name>',
  summary: 'why a file is not moving, or what all files of a dataset wait for',
  examples: [
    ['rereco why raw_7.lhe', 'where it stands, its last failure, what happens next'],
    ['rereco why p17', 'the files of a dataset that are not at their goal, by what they wait for'],
    ['rereco why raw_7.lhe --dataset p17 -o json', 'of one dataset, for a program'],
  ],
  options: (argv) =>
    withOutput(argv)
      .positional('name', {
        type: 'string',
        demandOption: true,
        describe: 'the name of an input or output, or of a dataset',
      })
      .option('dataset', { type: 'string', describe: 'the dataset a file belongs to' }),

  async run(argv, signal) {
    const session = await openSession({ mode: 'look', sites: [], signal, command: 'why' });
    try {
      const knex = recordsOf(session);
      const name = String(argv.name);
      const [within] = await datasetsNamed(session, texts(argv.dataset));
      const named = argv.dataset === undefined ? await datasetMeant(session, knex, name) : undefined;
      const asked = { session, knex, signal, printData: dataPrinter(argv) };
      if (named !== undefined) await whyDataset(named, asked);
      else await whyFile(name, argv.dataset === undefined ? null : (within?.name ?? null), asked);
      return EXIT.settled;
    } finally {
      await session.close();
    }
  },
};

interface Asked {
  readonly session: Session;
  readonly knex: Knex;
  readonly signal: AbortSignal;
  readonly printData: PrintData | null;
}

/** The dataset of a name that no file has: a file comes first, since only files may be called anything. */
async function datasetMeant(session: Session, knex: Knex, name: string): Promise<DatasetRow | undefined> {
  const dataset = (await session.records.datasets()).find((row) => row.name === name);
  if (dataset === undefined) return undefined;
  return (await findFiles(knex, namesMeant(name), null)).length === 0 ? dataset : undefined;
}

async function whyDataset(dataset: DatasetRow, { session, knex, signal, printData }: Asked): Promise<void> {
  const context = await contextFor(session, dataset);
  const groups = await explainDataset({ knex, records: session.records, context });
  if (printData !== null)
    printData({ dataset: dataset.name, waits: groups, foreign: context.totals.foreign });
  else await printWith(waitLines(groups, context), context, signal);
}

async function whyFile(name: string, dataset: string | null, asked: Asked): Promise<void> {
  const { session, knex, signal, printData } = asked;
  const [file] = await filesNamed(knex, name, dataset);
  const { why, context } = await explain(session, knex, file, signal);
  if (printData !== null) printData({ ...jsonOf(why), foreign: context.totals.foreign });
  else await printWith(whyLines(why, context), context, signal);
}

/** Lines, and what is to be said of the dataset's spec as it is now. */
async function printWith(
  lines: readonly string[],
  { dataset }: PassContext,
  signal: AbortSignal,
): Promise<void> {
  const [spec] = await specsNow([dataset], signal);
  const sentence = spec && specSentence(spec);
  print([...lines, ...(sentence ? [wrapped(sentence, '')] : [])].join('\n'));
}

async function explain(
  session: Session,
  knex: Knex,
  file: NamedFile,
  signal: AbortSignal,
): Promise<{ readonly why: Why; readonly context: PassContext }> {
  const [dataset] = await datasetsNamed(session, [file.dataset]);
  if (dataset === undefined) throw new UserError(`there is no dataset ${file.dataset}`);
  const context = await contextFor(session, dataset);
  const { ports } = session.siteOf(dataset.loaded.site);
  const { records } = session;
  const storesOf = (site: SiteSpec) => session.siteOf(site).ports.stores;
  const ask = async (subject: Subject, outputs: readonly Why[]): Promise<Why> => ({
    dataset: dataset.name,
    subject,
    lastFailure: (await readLastFailure(knex, subject.row.id)) ?? null,
    log: await logOf(session, knex, subject, signal),
    waiver: await waiverOf(knex, subject),
    ...(await explainFile(subject, { knex, records, ports, context, storesOf, signal })),
    outputs,
  });

  const subject = await subjectOf(knex, file);
  if (subject.kind === 'output') return { why: await ask(subject, []), context };
  const outputs: Why[] = [];
  for (const row of await readOutputsOf(knex, file.id)) {
    outputs.push(await ask({ kind: 'output', row, input: subject.row }, []));
  }
  return { why: await ask(subject, outputs), context };
}

/** Lines that are shown of the log. */
const LINES = 10;

async function logOf(
  session: Session,
  knex: Knex,
  { row }: Subject,
  signal: AbortSignal,
): Promise<FailedLog | null> {
  if (row.class === null) return null;
  return (await readFailedLogs(session, knex, [row.id], LINES, signal)).get(row.id) ?? null;
}

async function waiverOf(knex: Knex, { kind, row }: Subject): Promise<StandingWaiver | null> {
  const id = kind === 'input' ? row.waiverId : null;
  return id === null ? null : ((await readWaiver(knex, id)) ?? null);
}

async function subjectOf(knex: Knex, { id, kind, name }: NamedFile): Promise<Subject> {
  if (kind === 'input') {
    const row = await readInput(knex, id);
    if (row !== undefined) return { kind, row };
  } else {
    const row = await readOutput(knex, id);
    const input = row && (await readInput(knex, row.inputId));
    if (row !== undefined && input !== undefined) return { kind, row, input };
  }
  throw new Error(`${name} has no state on record; please report`);
}

/** For programs: an input's outputs are below it, an output's input is not repeated. */
function jsonOf({ subject, verdicts, outputs, ...known }: Why): object {
  const { kind, row: file } = subject;
  return { ...known, kind, file, phases: verdicts, outputs: outputs.map(jsonOf) };
}
