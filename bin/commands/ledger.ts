import type { Knex } from 'knex';
import {
  type Ledger,
  type LedgerFile,
  type LedgerLine,
  readLedger,
  readLedgerFiles,
} from '../../db/queries/ledger.ts';
import { agreeing, counted } from '../../reconcilers/model/counted.ts';
import { type Command, dataPrinter, print, withOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { datasetsNamed, recordsOf } from '../named.ts';
import { oneLine, shown } from '../print/shown.ts';
import { lineWidth, table } from '../print/table.ts';
import { cut, shortened } from '../print/width.ts';
import { hanging } from '../print/wrap.ts';
import { openSession } from '../session.ts';

/** Names behind each line that a person reads; a program gets them all. */
const SHOWN = 20;

/** Accounts for every event of a dataset: catalog = read + skipped + failed + waived + pending. */
export const ledgerCommand: Command = {
  usage: 'ledger <dataset>',
  summary: 'account for every event of a dataset',
  examples: [
    [
      'rereco ledger p17',
      'the sums, and the files behind what is missing; 0 when balanced and not contradicted',
    ],
    ['rereco ledger p17 -o json', 'with all those files, for a program'],
  ],
  options: (argv) =>
    withOutput(argv).positional('dataset', { type: 'string', demandOption: true, describe: 'its name' }),

  async run(argv, signal) {
    const session = await openSession({ mode: 'look', sites: [], signal, command: 'ledger' });
    try {
      const [dataset] = await datasetsNamed(session, [String(argv.dataset)]);
      if (dataset === undefined) throw new UserError(`there is no dataset ${argv.dataset}`);
      const knex = recordsOf(session);
      const ledger = await readLedger(knex, dataset.id);
      const printData = dataPrinter(argv);
      const files = await filesBehind(knex, dataset.id, printData === null ? SHOWN : null);
      const { unsettling } = await session.records.totals(dataset);
      if (printData !== null) printData({ dataset: dataset.name, ...ledger, unsettling, files });
      else {
        print(textOf(dataset.name, ledger, files));
        if (unsettling > 0)
          print(`${dataset.name}: what is on record is contradicted; see \`rereco errors\``);
      }
      return ledger.balanced && unsettling === 0 ? EXIT.settled : EXIT.workRemains;
    } finally {
      await session.close();
    }
  },
};

type Files = Readonly<Record<LedgerLine, readonly LedgerFile[]>>;

async function filesBehind(knex: Knex, datasetId: number, limit: number | null): Promise<Files> {
  const of = (line: LedgerLine) => readLedgerFiles(knex, datasetId, line, limit);
  return {
    differing: await of('differing'),
    failed: await of('failed'),
    waived: await of('waived'),
    pending: await of('pending'),
    retired: await of('retired'),
  };
}

function textOf(name: string, ledger: Ledger, files: Files): string {
  const { catalog, read, skipped, failed, waived, pending, retired, uncounted } = ledger;
  const line = (what: string, events: number, rest: string) => [what, events.toLocaleString('en-US'), rest];
  const rows = [
    line('catalog', catalog.events, counted(catalog.files, 'file')),
    line('= read', read.events, counted(read.files, 'file')),
    line('+ skipped', skipped, ''),
    ...ledger.skippedBecause.map((skip) => line('', skip.events, skip.reason)),
    line('+ failed', failed.events, counted(failed.files, 'file')),
    line('+ waived', waived.events, counted(waived.files, 'file')),
    ...ledger.waivedBy.map((one) => line('', one.events, `by ${one.by}: ${one.because}`)),
    line('+ pending', pending.events, counted(pending.files, 'file')),
    ...(ledger.difference === 0 ? [] : [line('+ missing', ledger.difference, 'nobody can say where')]),
  ];
  const width = Math.max(...rows.map(([, events = '']) => events.length));
  const aligned = rows.map(([what = '', events = '', rest = '']) => [what, events.padStart(width), rest]);
  return [
    table(aligned),
    '',
    hanging(`${name}: ${verdict(ledger)}`, lineWidth()),
    ...proofs(ledger),
    ...(uncounted.files === 0
      ? []
      : [
          `${counted(uncounted.files, 'file')} of unknown event count, kept apart: ${uncounted.done} done, ` +
            `${many(uncounted.events)} read or skipped`,
        ]),
    ...section('differing', "read + skipped is not the catalog's count", ledger.differing, files),
    ...section('failed', 'failed', failed.files + uncounted.failed, files),
    ...section(
      'pending',
      'pending',
      pending.files + uncounted.files - uncounted.done - uncounted.failed - uncounted.waived,
      files,
    ),
    ...section('waived', 'waived', waived.files + uncounted.waived, files),
    ...section('retired', `retired, ${many(retired.events)}, kept apart`, retired.files, files),
  ].join('\n');
}

/** Events, which are many: `1 event`, `12,345 events`. */
function many(events: number): string {
  return `${events.toLocaleString('en-US')} ${agreeing(events, 'event', 'events')}`;
}

/** How many files were proved by the jobs that read them, and why the others were not. */
function proofs({ inputs: { verifiedByJob, unchecked } }: Ledger): readonly string[] {
  const files = unchecked.reduce((sum, one) => sum + one.files, 0);
  if (verifiedByJob + files === 0) return [];
  const proved = `bytes verified by job: ${counted(verifiedByJob, 'file')}`;
  if (files === 0) return [proved];
  return [
    `${proved}; read unchecked: ${counted(files, 'file')}`,
    ...unchecked.map((one) => `  ${counted(one.files, 'file')}: ${one.reason}`),
  ];
}

/** Balanced, or what keeps it from being so. */
function verdict({ balanced, failed, pending, uncounted, differing, difference }: Ledger): string {
  if (balanced) {
    return uncounted.files === 0 ? 'balanced' : `balanced, as far as event counts are known`;
  }
  const open = failed.events + pending.events;
  const parts = [
    ...(open === 0 ? [] : [`${many(open)} failed or pending`]),
    ...(differing === 0
      ? []
      : [`${counted(differing, 'file')} with a difference (${many(difference)} in all)`]),
    ...(uncounted.files === uncounted.done + uncounted.waived
      ? []
      : [
          `${counted(uncounted.files - uncounted.done - uncounted.waived, 'file')} of unknown event count not done`,
        ]),
  ];
  const files = counted(failed.files + pending.files, 'file');
  return `not balanced: ${parts.length === 0 ? `${files} without events failed or pending` : parts.join('; ')}`;
}

function section(line: LedgerLine, title: string, total: number, files: Files): readonly string[] {
  const listed = files[line];
  if (total === 0 || listed.length === 0) return [];
  const more = total - listed.length;
  return [
    '',
    `${title} (${counted(total, 'file')}):`,
    ...listed.map((file) => cut(`  ${fileLine(line, file)}`, lineWidth())),
    ...(more > 0 ? [`  … and ${more} more; -o json has them all`] : []),
  ];
}

function fileLine(line: LedgerLine, file: LedgerFile): string {
  const events = file.eventCount === null ? 'events unknown' : counted(file.eventCount, 'event');
  // What is said of it must fit as well.
  const name = shortened(shown(file.name), Math.floor(lineWidth() / 2));
  if (line === 'differing') {
    return `${name}: ${events}, read ${file.eventsRead ?? 0}, skipped ${file.eventsSkipped ?? 0}`;
  }
  const reason = (line === 'failed' || line === 'waived') && file.reason !== null ? `: ${file.reason}` : '';
  return `${name}: ${file.state}, ${events}${oneLine(reason)}`;
}
