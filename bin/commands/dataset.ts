import { hostname } from 'node:os';
import type { ArgumentsCamelCase } from 'yargs';
import { readBelongings, releaseDataset, renameDataset, type Signed } from '../../db/dataset-changes.ts';
import { underAllLeases } from '../../reconcilers/act/all-leases.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import type { Lease, LeaseTaken } from '../../reconcilers/model/records.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import { NAME } from '../../specs/schema/field.ts';
import { type Command, dataPrinter, type PrintData, print, withOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { leasePatience } from '../lease-patience.ts';
import { datasetsNamed, optional, recordsOf } from '../named.ts';
import { openSession, type Session } from '../session.ts';
import { whoAmI } from '../who.ts';

/** Changes what a dataset on record is: its name, and whether places belong to it. */
export const datasetCommand: Command = {
  usage: 'dataset <action> <name> [to]',
  summary: 'rename a dataset on record, or let it give up its places',
  examples: [
    ['rereco dataset rename p17 p17-reprocessing', 'when metadata.name of its spec was changed'],
    [
      'rereco dataset release p17 --because "a test, its files are removed"',
      'when its spec is gone for good: other datasets may write where it did',
    ],
  ],
  options: (argv) =>
    withOutput(argv)
      .positional('action', {
        choices: ['rename', 'release'] as const,
        demandOption: true,
        describe: 'what to do',
      })
      .positional('name', { type: 'string', demandOption: true, describe: 'its name on record' })
      .positional('to', { type: 'string', describe: 'rename: its new name' })
      .option('because', { type: 'string', describe: 'why; kept in history (release: must be given)' }),

  async run(argv, signal) {
    const [to, because] = [optional(argv.to), (optional(argv.because) ?? '').trim()];
    refuseStrays(argv, to, because);
    const command = `dataset ${argv.action}`;
    const session = await openSession({ mode: 'repair', sites: [], signal, command });
    try {
      const [dataset] = await datasetsNamed(session, [String(argv.name)]);
      if (dataset === undefined) throw new UserError(`there is no dataset ${argv.name}`);
      const change = { session, dataset, because, command, printData: dataPrinter(argv), signal };
      const result = to === null ? await release(change) : await rename(change, to);
      if (result === undefined) return EXIT.settled;
      process.stderr.write(`${dataset.name} is in the hands of ${result.takenBy}; try again in a moment\n`);
      return EXIT.workRemains;
    } finally {
      await session.close();
    }
  },
};

function refuseStrays(argv: ArgumentsCamelCase, to: string | null, because: string): void {
  if (argv.action === 'rename' && to === null) {
    throw new UserError('name both: `rereco dataset rename OLD NEW`');
  }
  if (argv.action === 'release' && to !== null) {
    throw new UserError(`dataset release takes one name; it was given ${argv.name} and ${to}`);
  }
  if (argv.action === 'release' && because === '') throw new UserError('say why: --because "…"');
}

interface Change {
  readonly session: Session;
  readonly dataset: DatasetRow;
  readonly because: string;
  readonly command: string;
  readonly printData: PrintData | null;
  readonly signal: AbortSignal;
}

async function rename(change: Change, to: string): Promise<LeaseTaken | undefined> {
  const { session, dataset, printData } = change;
  const knex = recordsOf(session);
  if (!new RegExp(NAME.pattern ?? '').test(to)) {
    throw new UserError(`${to} is no name of a dataset; it must ${NAME['x-must']}`);
  }
  if (to === dataset.name) throw new UserError(`it is called ${to} already`);
  const inTheWay = (await session.records.datasets()).find(({ name }) => name === to) ?? null;
  const both = inTheWay === null ? [dataset] : [dataset, inTheWay];
  return underLeases(change, both, async (leases) => {
    if (inTheWay !== null) await mustBeEmpty(session, inTheWay);
    const said = `renamed from ${dataset.name} to ${to} by ${whoAmI()}`;
    const because = change.because === '' ? said : `${said}: ${change.because}`;
    await renameDataset(knex, dataset, to, inTheWay, await signed(change, leases, because));
    if (printData !== null) printData({ renamed: dataset.name, to });
    else
      print(`${dataset.name} is ${to} now; write metadata.name: ${to} in its spec, if it is not there yet`);
  });
}

/** A dataset in the way of another's name may have been made by a changed spec, but must have done nothing yet. */
async function mustBeEmpty(session: Session, dataset: DatasetRow): Promise<void> {
  const { outputs, places, underWay } = await readBelongings(recordsOf(session), dataset);
  if (outputs + places + underWay === 0) return;
  const has = underWay > 0 ? `${counted(underWay, 'attempt')} under way` : counted(outputs, 'output');
  throw new UserError(`there is a dataset ${dataset.name}, and it has ${has}; choose another name`);
}

async function release(change: Change): Promise<LeaseTaken | undefined> {
  const { session, dataset, printData } = change;
  const knex = recordsOf(session);
  if (dataset.orphanedMs === null) {
    const { file } = dataset.loaded.origin;
    throw new UserError(
      `${dataset.name} is asked for by ${file}; remove that spec, \`rereco reconcile\` the folder, then release it`,
    );
  }
  return underLeases(change, [dataset], async (leases) => {
    const { underWay } = await readBelongings(knex, dataset);
    if (underWay > 0) {
      throw new UserError(
        `${dataset.name} has ${counted(underWay, 'attempt')} under way; \`rereco reconcile\` follows them to their end`,
      );
    }
    const because = `released by ${whoAmI()}: ${change.because}`;
    const places = await releaseDataset(knex, dataset, await signed(change, leases, because));
    if (printData !== null) printData({ released: dataset.name, places });
    else print(`${dataset.name} has given up ${counted(places, 'place')}; its files and its history stay`);
  });
}

async function signed(
  { session, command }: Change,
  leases: readonly Lease[],
  because: string,
): Promise<Signed> {
  const holder = `${command} on ${hostname()} (process ${process.pid})`;
  return { leases, holder, because, nowMs: await session.records.now() };
}

async function underLeases(
  { session, signal }: Change,
  datasets: readonly DatasetRow[],
  act: (leases: readonly Lease[]) => Promise<void>,
): Promise<LeaseTaken | undefined> {
  return (await underAllLeases(datasets, session.records, leasePatience(signal), act)) ?? undefined;
}
