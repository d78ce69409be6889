import { readQueued } from '../../db/queries/datasets.ts';
import { type LeftAtSite, readLeft } from '../../db/queries/left.ts';
import {
  type DatasetProblem,
  readDatasetProblems,
  readSilentSystems,
  type SilentSystem,
} from '../../db/queries/obstacles.ts';
import { PHASES } from '../../machines/model.ts';
import { MEMBERS_UNREAD } from '../../machines/problems.ts';
import { olderText } from '../../reconcilers/decide/older.ts';
import { restOf } from '../../reconcilers/decide/rest.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import { QUARANTINE } from '../../reconcilers/model/names.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import { type Command, dataPrinter, formatOf, print, texts, widthFor, withListOutput } from '../command.ts';
import { EXIT } from '../failure.ts';
import { datasetsNamed } from '../named.ts';
import { holdLine, holdsOf, keptLines } from '../print/held.ts';
import { silentLine, unreadLine, untold } from '../print/obstacles.ts';
import { type Standing, standingText } from '../print/standing.ts';
import { bytes } from '../print/table.ts';
import { hanging } from '../print/wrap.ts';
import { openSession, type Session } from '../session.ts';
import { type SpecNow, specSentence, specsNow } from '../spec-now.ts';

/** Shows where every dataset stands, in counts that sum to its files. */
export const statusCommand: Command = {
  usage: 'status [datasets..]',
  summary: 'where every dataset stands',
  examples: [
    ['rereco status', 'all datasets'],
    ['rereco status p17 -o json', 'one, for a program'],
  ],
  options: (argv) =>
    withListOutput(argv.positional('datasets', { describe: 'names', type: 'string', array: true })),

  async run(argv, signal) {
    const session = await openSession({ mode: 'look', sites: [], signal, command: 'status' });
    try {
      const wanted = texts(argv.datasets);
      const rows = await datasetsNamed(session, wanted);
      const now = await session.records.now();
      const ids = rows.map(({ id }) => id);
      const queued = session.database
        ? await readQueued(session.database.knex, ids)
        : new Map<number, number>();
      const states = await Promise.all(
        rows.map(async (dataset) => ({
          dataset,
          totals: await session.records.totals(dataset),
          queued: queued.get(dataset.id) ?? 0,
          now,
        })),
      );
      const specs = await specsNow(
        rows.filter((row) => row.orphanedMs === null),
        signal,
      );
      const sites = [...new Set(rows.map(({ loaded }) => loaded.site.name))];
      const left = session.database ? await readLeft(session.database.knex, sites) : [];
      const { silent, unread } = await obstaclesOf(session, rows);
      const foreign = states.map(({ totals }) => totals.foreign?.message ?? null);
      const systems = untold(silent, foreign);
      const beside = [
        ...holdsOf(rows).map(holdLine),
        ...rows.flatMap(keptLines),
        ...states.flatMap((one) => olderLine(one)),
        ...systems.map((one) => silentLine(one, now)),
        ...untold(unread, [...foreign, ...systems.map(({ message }) => message)]).map(unreadLine),
        ...specs.flatMap((one) => specSentence(one) ?? []),
        ...left.map(leftLine),
      ];
      const printData = dataPrinter(argv);
      if (printData !== null) printData(states.map((one) => jsonOf(one, { specs, left, silent, unread })));
      else if (formatOf(argv) === 'name') for (const { name } of rows) print(name);
      else {
        const width = widthFor(argv);
        print([standingText(states, width), ...beside.map((line) => hanging(line, width))].join('\n'));
      }
      return states.every((one) => restOf(one, PHASES).is === 'settled') ? EXIT.settled : EXIT.workRemains;
    } finally {
      await session.close();
    }
  },
};

/** Files that a change of the spec has left as they were. */
function olderLine(one: Standing): readonly string[] {
  const text = olderText(one);
  return text === null ? [] : [`${one.dataset.name}: ${text}`];
}

/** What is left in a store for people to look at. */
function leftLine({ store, kind, files, sizeBytes, example }: LeftAtSite): string {
  const what = `${store}: ${counted(files, 'file')} (${bytes(sizeBytes)})`;
  return kind === 'quarantine'
    ? `${what} put away in ${QUARANTINE}, like ${example}`
    : `${what} of attempts that this database does not know, left alone, like ${example}`;
}

interface Beside {
  readonly specs: readonly SpecNow[];
  readonly left: readonly LeftAtSite[];
  readonly silent: readonly SilentSystem[];
  readonly unread: readonly DatasetProblem[];
}

/** What stands in the way of whole datasets; where nothing is on record, nothing does. */
async function obstaclesOf({ database }: Session, rows: readonly DatasetRow[]) {
  if (database === null) return { silent: [], unread: [] };
  const sites = rows.map(({ loaded }) => loaded.site.name);
  const ids = rows.map(({ id }) => id);
  return {
    silent: await readSilentSystems(database.knex, sites),
    unread: await readDatasetProblems(database.knex, ids, MEMBERS_UNREAD),
  };
}

function jsonOf(one: Standing, { specs, left, silent, unread }: Beside) {
  const { dataset, totals, queued } = one;
  const spec = specs.find((each) => each.dataset === dataset);
  return {
    name: dataset.name,
    requestId: dataset.requestId,
    generation: dataset.generation,
    revision: dataset.loaded.revision,
    spec: spec?.is ?? 'orphaned',
    files: totals.inputs,
    waived: totals.waived,
    outdated: totals.outdated,
    outputs: totals.outputs,
    queued,
    jobs: totals.liveJobs,
    transfers: totals.liveTransfers,
    rest: restOf(one, PHASES),
    holds: dataset.holds,
    membersUnread: unread.find((each) => each.dataset === dataset.name)?.message ?? null,
    silent: silent.filter(({ site }) => site === dataset.loaded.site.name),
    left: left.filter(({ site }) => site === dataset.loaded.site.name),
  };
}
