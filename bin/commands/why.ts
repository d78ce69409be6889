import type { Knex } from 'knex';
import type { NamedFile } from '../../db/queries/names.ts';
import { readInput, readLastFailure, readOutput, readOutputsOf } from '../../db/queries/why.ts';
import { readWaiver, type StandingWaiver } from '../../db/waivers.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import type { SiteSpec } from '../../specs/types.ts';
import { type Command, dataPrinter, print, texts, withOutput } from '../command.ts';
import { contextFor, explainFile, type Subject, type Why } from '../explain-file.ts';
import { type FailedLog, readFailedLogs } from '../failed-logs.ts';
import { EXIT, UserError } from '../failure.ts';
import { datasetsNamed, filesNamed, optional, recordsOf } from '../named.ts';
import { whyLines } from '../print/why.ts';
import { wrapped } from '../print/wrap.ts';
import { openSession, type Session } from '../session.ts';
import { specSentence, specsNow } from '../spec-now.ts';

/**
 * Answers why a file is not moving, from the same rules that decide; asks the
 * systems those rules ask, and changes nothing.
 */
export const whyCommand: Command = {
  usage: 'why <file>',
  summary: 'why a file is not moving',
  examples: [
    ['rereco why raw_7.lhe', 'where it stands, its last failure, what happens next'],
    ['rereco why raw_7.lhe --dataset p17 -o json', 'of one dataset, for a program'],
  ],
  options: (argv) =>
    withOutput(argv)
      .positional('file', { type: 'string', demandOption: true, describe: 'the name of an input or output' })
      .option('dataset', { type: 'string', describe: 'the dataset it belongs to' }),

  async run(argv, signal) {
    const session = await openSession({ mode: 'look', sites: [], signal, command: 'why' });
    try {
      const knex = recordsOf(session);
      await datasetsNamed(session, texts(argv.dataset));
      const [file] = await filesNamed(knex, String(argv.file), optional(argv.dataset));
      const { why, context } = await explain(session, knex, file, signal);
      const printData = dataPrinter(argv);
      if (printData !== null) printData({ ...jsonOf(why), foreign: context.totals.foreign });
      else {
        const [spec] = await specsNow([context.dataset], signal);
        const sentence = spec && specSentence(spec);
        print([...whyLines(why, context), ...(sentence ? [wrapped(sentence, '')] : [])].join('\n'));
      }
      return EXIT.settled;
    } finally {
      await session.close();
    }
  },
};

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
    verdicts: await explainFile(subject, { knex, records, ports, context, storesOf, signal }),
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
function jsonOf({ dataset, subject, lastFailure, log, waiver, verdicts, outputs }: Why): object {
  const { kind, row: file } = subject;
  return { dataset, kind, file, lastFailure, log, waiver, phases: verdicts, outputs: outputs.map(jsonOf) };
}
