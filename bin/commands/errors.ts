import { readArriving } from '../../db/queries/arriving.ts';
import { type ErrorGroup, readErrors, readWaivedCounts } from '../../db/queries/errors.ts';
import { readSilentSystems, type SilentSystem } from '../../db/queries/obstacles.ts';
import { stillWritten } from '../../reconcilers/decide/members/arrivals.ts';
import { heldAlike } from '../../reconcilers/decide/stops/alike.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import { holdBy } from '../../reconcilers/model/holds.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import { type Command, dataPrinter, print, tellLeftOut, texts, withOutput } from '../command.ts';
import { readFailedLogs } from '../failed-logs.ts';
import { EXIT } from '../failure.ts';
import { datasetsNamed } from '../named.ts';
import { groupText, type LoggedGroup } from '../print/error-group.ts';
import { silentLine, untold } from '../print/obstacles.ts';
import { lineWidth } from '../print/table.ts';
import { hanging, wrapped } from '../print/wrap.ts';
import { openSession, type Session } from '../session.ts';

/** Groups what is in error, and says of each group whether it is tried again by itself. */
export const errorsCommand: Command = {
  usage: 'errors [datasets..]',
  summary: 'what is in error, alike failures together',
  examples: [
    ['rereco errors', 'of all datasets, the largest group first'],
    ['rereco errors p17 -o json', 'of one, for a program'],
  ],
  options: (argv) =>
    withOutput(argv)
      .positional('datasets', { describe: 'names', type: 'string', array: true })
      .option('limit', { type: 'number', default: 100, describe: 'at most so many groups' }),

  async run(argv, signal) {
    const session = await openSession({ mode: 'look', sites: [], signal, command: 'errors' });
    try {
      const datasets = await datasetsNamed(session, texts(argv.datasets));
      const ids = datasets.map((row) => row.id);
      const limit = Number(argv.limit);
      const found = session.database ? await readErrors(session.database.knex, ids, limit + 1) : [];
      const groups = await withLogs(session, found.slice(0, limit), signal);
      const printData = dataPrinter(argv);
      const sites = datasets.map(({ loaded }) => loaded.site.name);
      const silent = session.database ? await readSilentSystems(session.database.knex, sites) : [];
      if (printData !== null) printData([...groups.map(dataOf), ...silent.map(systemGroup)]);
      else {
        const now = await session.records.now();
        const told = untold(
          silent,
          groups.map(({ reason }) => reason),
        );
        const systems = told.map((one) => wrapped(`${silentLine(one, now)}; asked again by itself`, ''));
        const held = await heldSignatures(session, datasets);
        const lines = [...groups.map((group) => groupText(group, held)), ...systems];
        print(lines.length === 0 ? 'no errors' : lines.join('\n\n'));
        const waived = session.database ? await readWaivedCounts(session.database.knex, ids) : [];
        for (const one of waived)
          print(
            `\n${hanging(`${one.dataset}: ${counted(one.files, 'file')} waived; see \`rereco ledger ${one.dataset}\``, lineWidth())}`,
          );
        const arriving = session.database ? await readArriving(session.database.knex, ids) : [];
        for (const one of arriving) print(`\n${one.dataset}: ${stillWritten(one)}; no error yet`);
      }
      if (found.length > limit) tellLeftOut(`only the largest ${counted(limit, 'group')} of failures`);
      return EXIT.settled;
    } finally {
      await session.close();
    }
  },
};

/** A system that does not answer, for programs: a group like the others that no dataset has. */
function systemGroup({ site, name, message, sinceMs, seenMs }: SilentSystem) {
  return { dataset: null, of: 'system', site, signature: name, count: 1, sinceMs, seenMs, reason: message };
}

/** For programs: the number of the example is of no use to them. */
function dataOf({ exampleId: _, ...group }: LoggedGroup): object {
  return group;
}

/** Lines that are shown of each log. */
const LINES = 3;

/** Groups with the log of their example; a problem is nothing that a job has said. */
async function withLogs(
  session: Session,
  groups: readonly ErrorGroup[],
  signal: AbortSignal,
): Promise<readonly LoggedGroup[]> {
  if (session.database === null) return [];
  const ids = groups.flatMap(({ of, exampleId }) =>
    of === 'problem' || exampleId === null ? [] : [exampleId],
  );
  const logs = await readFailedLogs(session, session.database.knex, ids, LINES, signal);
  return groups.map((group) => {
    const log = group.of === 'problem' || group.exampleId === null ? undefined : logs.get(group.exampleId);
    return { ...group, log: log ?? null };
  });
}

/** By dataset, the failures that hold it: what failed so is not tried again, whatever its row says. */
async function heldSignatures(
  session: Session,
  datasets: readonly DatasetRow[],
): Promise<ReadonlyMap<string, string>> {
  const held = new Map<string, string>();
  for (const dataset of datasets) {
    if (holdBy(dataset, 'held.software') === undefined) continue;
    const alike = heldAlike(await session.records.totals(dataset));
    if (alike !== undefined) held.set(dataset.name, alike.signature);
  }
  return held;
}
