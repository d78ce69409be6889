import type { Knex } from 'knex';
import {
  type AttemptLine,
  type DayLine,
  type GenerationLine,
  type HistoryLine,
  readAttempts,
  readDatasetMoves,
  readDays,
  readFileMoves,
  readGenerations,
} from '../../db/queries/history.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import { type Command, dataPrinter, print, tellLeftOut, texts, withOutput } from '../command.ts';
import { EXIT } from '../failure.ts';
import { datasetsNamed, filesNamed, optional, recordsOf } from '../named.ts';
import { shown } from '../print/shown.ts';
import { lineWidth, table } from '../print/table.ts';
import { localTime, localZone, span } from '../print/time.ts';
import { hanging, wrapped } from '../print/wrap.ts';
import { openSession } from '../session.ts';

const DAYS = 30;

/** Tells what happened to a file, move by move, or to a dataset, generation by generation and day by day. */
export const historyCommand: Command = {
  usage: 'history <name>',
  summary: 'what happened to a file or a dataset',
  examples: [
    ['rereco history raw_7.lhe', 'its moves and attempts, oldest first'],
    ['rereco history p17', 'generations, moves by day, and the last moves'],
  ],
  options: (argv) =>
    withOutput(argv)
      .positional('name', { type: 'string', demandOption: true, describe: 'a file or a dataset' })
      .option('dataset', { type: 'string', describe: 'the dataset the file belongs to' })
      .option('limit', { type: 'number', default: 50, describe: 'the last so many moves' }),

  async run(argv, signal) {
    const session = await openSession({ mode: 'look', sites: [], signal, command: 'history' });
    try {
      const knex = recordsOf(session);
      const printData = dataPrinter(argv);
      const [name, limit, inDataset] = [String(argv.name), Number(argv.limit), optional(argv.dataset)];
      await datasetsNamed(session, texts(argv.dataset));
      const datasets = inDataset === null ? await session.records.datasets() : [];
      const dataset = datasets.find((row) => row.name === name);
      if (dataset === undefined) {
        const files = await filesNamed(knex, name, inDataset);
        const history = await ofFile(
          knex,
          files.map((file) => file.id),
          limit,
        );
        if (printData !== null) printData({ file: name, dataset: files[0].dataset, ...history });
        else print(fileText(history));
      } else {
        const history = await ofDataset(knex, dataset.id, limit);
        if (printData !== null) printData({ dataset: name, ...history });
        else print(datasetText(history));
      }
      return EXIT.settled;
    } finally {
      await session.close();
    }
  },
};

/** The last of a list of which one more than the limit was read, where there are more. */
function lastOf<T>(what: string, list: readonly T[], limit: number): readonly T[] {
  if (list.length > limit) tellLeftOut(`only the last ${counted(limit, what)}`);
  return list.slice(-limit);
}

interface FileHistory {
  readonly moves: readonly HistoryLine[];
  readonly attempts: readonly AttemptLine[];
}

async function ofFile(knex: Knex, ids: readonly number[], limit: number): Promise<FileHistory> {
  return {
    moves: lastOf('move', await readFileMoves(knex, ids, limit + 1), limit),
    attempts: lastOf('attempt', await readAttempts(knex, ids, limit + 1), limit),
  };
}

interface DatasetHistory {
  readonly generations: readonly GenerationLine[];
  readonly days: readonly DayLine[];
  readonly moves: readonly HistoryLine[];
}

async function ofDataset(knex: Knex, id: number, limit: number): Promise<DatasetHistory> {
  return {
    generations: lastOf('generation', await readGenerations(knex, id, limit + 1), limit),
    days: await readDays(knex, id, localZone(), DAYS),
    moves: lastOf('move', await readDatasetMoves(knex, id, limit + 1), limit),
  };
}

function fileText({ moves, attempts }: FileHistory): string {
  const told = moves.length === 0 ? ['it has not moved yet'] : moves.map((move) => moveText(move, ''));
  const tried = attempts.length === 0 ? [] : ['', 'attempts', ...attempts.map(attemptText)];
  return [...told, ...tried].join('\n');
}

function datasetText({ generations, days, moves }: DatasetHistory): string {
  return [
    'generations',
    table(
      generations.map((one) => [
        `  ${one.number}`,
        localTime(one.appliedMs),
        one.revision,
        [one.commit?.slice(0, 12), one.author].filter((part) => part).join(' by '),
      ]),
    ),
    ...(days.length === 0 ? [] : ['', 'moves by day', ...dayTexts(days)]),
    ...(moves.length === 0
      ? []
      : ['', 'the last moves', ...moves.map((move) => moveText(move, `${shown(move.name)} `))]),
  ].join('\n');
}

function dayTexts(days: readonly DayLine[]): readonly string[] {
  const keys = [...new Set(days.map((line) => `${line.day} ${line.subject}s`))];
  return keys.map((key) => {
    const lines = days.filter((line) => `${line.day} ${line.subject}s` === key);
    return wrapped(`${key}: ${lines.map((line) => `${line.moves} → ${line.to}`).join(', ')}`, '  ');
  });
}

function moveText({ atMs, from, to, phase, fact, because, attempt }: HistoryLine, name: string): string {
  const at = attempt === null || attempt === 0 ? '' : `, attempt ${attempt}`;
  const fault = phase === null ? '' : ` (${phase})`;
  const head = `${localTime(atMs)}  ${name}${from} → ${to}${fault}  ${fact}${at}`;
  return `${hanging(head, lineWidth())}\n${wrapped(because, '    ')}`;
}

function attemptText(attempt: AttemptLine): string {
  const { number, phase, state, submission, openedMs, closedMs, eventsRead, eventsSkipped } = attempt;
  const parts = [
    `${number}  ${localTime(openedMs)}  ${phase} ${state}`,
    ...(closedMs === null ? [] : [`after ${span(closedMs - openedMs)}`]),
    ...(submission === null ? [] : [submission]),
    ...(eventsRead === null ? [] : [`${counted(eventsRead, 'event')} read`]),
    ...(eventsSkipped === null || eventsSkipped === 0 ? [] : [`${eventsSkipped} skipped`]),
  ];
  const why = [attempt.class, attempt.reason].filter((part) => part !== null).join(': ');
  const line = wrapped(parts.join(', '), '    ', lineWidth()).slice(2);
  return why === '' ? line : `${line}\n${wrapped(why, '    ')}`;
}
