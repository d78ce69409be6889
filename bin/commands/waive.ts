import type { Knex } from 'knex';
import { findFiles } from '../../db/queries/names.ts';
import { datasetOfGroup, datasetsOfRun, type Meant, readWaivable } from '../../db/waivable.ts';
import { readWaiver } from '../../db/waivers.ts';
import { PHASES } from '../../machines/model.ts';
import { type Waived, waiveInputs } from '../../reconcilers/act/waive.ts';
import { restOf } from '../../reconcilers/decide/rest.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import { type Command, dataPrinter, print, texts, withOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { leasePatience } from '../lease-patience.ts';
import { datasetsNamed, filesNamed, optional, recordsOf } from '../named.ts';
import { namesMeant, shown } from '../print/shown.ts';
import { lineWidth } from '../print/table.ts';
import { localTime } from '../print/time.ts';
import { hanging } from '../print/wrap.ts';
import { openSession, type Session } from '../session.ts';
import { whoAmI } from '../who.ts';

/** Signs off the events of files that have failed: they count as settled from then on, in the ledger under a name. */
export const waiveCommand: Command = {
  usage: 'waive <what..>',
  summary: 'sign off the events of files that have failed for good',
  examples: [
    ['rereco waive all_0000176852_001.raw --because "unreadable on tape"', 'one file'],
    [
      'rereco waive g3fa9c21 --because "all of a bad disk"',
      'the files of a group that `rereco errors` shows, as they are now',
    ],
    ['rereco waive 176852 --because "bad run" --dataset p17', 'the files of a run that have failed'],
  ],
  options: (argv) =>
    withOutput(argv)
      .positional('what', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'files, runs, or groups as `rereco errors` names them',
      })
      .option('dataset', { type: 'string', describe: 'the dataset of the files, where several have them' })
      .option('because', { type: 'string', demandOption: true, describe: 'why; it stands in the ledger' }),

  async run(argv, signal) {
    const because = String(argv.because).trim();
    if (because === '') throw new UserError('say why: --because "…"');
    const session = await openSession({ mode: 'repair', sites: [], signal, command: 'waive' });
    try {
      await datasetsNamed(session, texts(argv.dataset));
      const printData = dataPrinter(argv);
      const done: Done[] = [];
      // Everything that was named is found before anything is waived.
      const asked: Asked[] = [];
      for (const word of texts(argv.what)) asked.push(await askedBy(session, word, optional(argv.dataset)));
      for (const one of asked) done.push(await waive(session, one, because, signal));
      if (printData !== null) printData(done.map(dataOf));
      else for (const line of await linesOf(session, done)) print(hanging(line, lineWidth()));
      return done.some(({ takenBy }) => takenBy.length > 0) ? EXIT.workRemains : EXIT.settled;
    } finally {
      await session.close();
    }
  },
};

/** What a word means. */
interface Asked {
  readonly dataset: DatasetRow;
  /** As it is written into the ledger. */
  readonly named: string;
  readonly meant: Meant;
}

/** A file by its name, else a group or a run by theirs. @throws UserError for a word that is none of them */
async function askedBy(session: Session, word: string, inDataset: string | null): Promise<Asked> {
  const knex = recordsOf(session);
  const found = (await findFiles(knex, namesMeant(word), inDataset)).length > 0;
  const isGroup = /^g[0-9a-f]{7}$/.test(word);
  const isRun = /^\d{1,15}$/.test(word);
  if (found || !(isGroup || isRun)) return fileAsked(session, word, inDataset);
  const named = isGroup ? `group ${word}` : `run ${word}`;
  const dataset = isGroup ? await groupIn(knex, word) : await runIn(knex, word, inDataset);
  if (inDataset !== null && dataset !== inDataset) throw new UserError(`${named} is of dataset ${dataset}`);
  const [row] = await datasetsNamed(session, [dataset]);
  if (row === undefined) throw new UserError(`there is no dataset ${dataset}`);
  return { dataset: row, named, meant: isGroup ? { group: word } : { run: Number(word) } };
}

async function fileAsked(session: Session, word: string, inDataset: string | null): Promise<Asked> {
  const knex = recordsOf(session);
  const [file] = await filesNamed(knex, word, inDataset);
  if (file.kind === 'output')
    throw new UserError(`${word} is an output; name the input that it is made from`);
  const [dataset] = await datasetsNamed(session, [file.dataset]);
  if (dataset === undefined) throw new UserError(`there is no dataset ${file.dataset}`);
  return { dataset, named: 'the file', meant: { file: file.id } };
}

async function groupIn(knex: Knex, group: string): Promise<string> {
  const dataset = await datasetOfGroup(knex, group);
  if (dataset !== undefined) return dataset;
  throw new UserError(`there is no group ${group} of failed files; \`rereco errors\` has their names`);
}

async function runIn(knex: Knex, run: string, inDataset: string | null): Promise<string> {
  const datasets = await datasetsOfRun(knex, Number(run));
  const [first] = datasets.filter((name) => inDataset === null || name === inDataset);
  if (first === undefined) throw new UserError(`there is no file, and no file of a run, ${run}`);
  if (inDataset === null && datasets.length > 1) {
    throw new UserError(`run ${run} is in ${datasets.join(', ')}: say which with --dataset`);
  }
  return first;
}

/** What became of one word. */
interface Done extends Asked {
  readonly waived: readonly Waived[];
  readonly takenBy: readonly string[];
}

async function waive(session: Session, asked: Asked, because: string, signal: AbortSignal): Promise<Done> {
  const { dataset, named, meant } = asked;
  const inputs = await readWaivable(recordsOf(session), dataset, meant);
  const word = { by: whoAmI(), because, named };
  const { waived, taken } = await waiveInputs(dataset, inputs, word, {
    records: session.records,
    patience: leasePatience(signal),
  });
  const [one] = waived;
  if ('file' in meant && one?.waiver.is === 'nothing') {
    throw new UserError(`${shown(one.input.name)} is ${one.waiver.why}`);
  }
  return { ...asked, waived, takenBy: taken.map(({ takenBy }) => takenBy) };
}

function dataOf({ dataset, named, waived, takenBy }: Done) {
  const files = waived.map(({ input, waiver }) => ({ name: input.name, ...waiver }));
  return { dataset: dataset.name, named, files, takenBy };
}

async function linesOf(session: Session, done: readonly Done[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const one of done) lines.push(...(await linesAbout(session, one)));
  for (const dataset of new Map(done.map(({ dataset }) => [dataset.name, dataset])).values()) {
    const [totals, now] = [await session.records.totals(dataset), await session.records.now()];
    const rest = restOf({ dataset, totals, now }, PHASES);
    const goesOn = rest.is === 'waiting' ? '; `rereco reconcile` goes on' : '';
    lines.push(`${dataset.name}: ${rest.is === 'settled' ? 'settled' : `${rest.because}${goesOn}`}`);
  }
  return lines;
}

async function linesAbout(
  session: Session,
  { dataset, named, waived, takenBy }: Done,
): Promise<readonly string[]> {
  const now = waived.flatMap(({ input, waiver }) => (waiver.is === 'waived' ? [{ input, waiver }] : []));
  const standing = waived.filter(({ waiver }) => waiver.is === 'stands');
  const events = now.reduce((sum, { waiver }) => sum + (waiver.events ?? 0), 0);
  const [first] = now;
  const which =
    first === undefined
      ? ''
      : now.length === 1
        ? `: ${shown(first.input.name)}`
        : `, like ${shown(first.input.name)}`;
  const lines = [
    ...(first === undefined
      ? []
      : [`${dataset.name}: ${counted(now.length, 'file')} waived with ${counted(events, 'event')}${which}`]),
    ...takenBy.map((by) => `${dataset.name}: in the hands of ${by}; try again in a moment`),
  ];
  for (const { input } of standing.slice(0, SHOWN)) {
    const entry = await readWaiver(recordsOf(session), input.waiverId ?? 0);
    if (entry === undefined) continue;
    lines.push(
      `${shown(input.name)}: waived already, at ${localTime(entry.atMs)} by ${entry.by}: ${entry.because}`,
    );
  }
  const others = standing.length - SHOWN;
  if (others > 0) lines.push(`${dataset.name}: ${counted(others, 'more file')} waived already`);
  if (lines.length === 0) lines.push(`${dataset.name}: no file of ${named} has failed`);
  return lines;
}

/** Files that are named one by one. */
const SHOWN = 20;
