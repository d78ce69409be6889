import { type LeftAtSite, readLeft } from '../../db/queries/left.ts';
import { FILE_STATES, PHASES } from '../../machines/model.ts';
import { restOf } from '../../reconcilers/decide/rest.ts';
import { QUARANTINE } from '../../reconcilers/model/names.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import type { Totals } from '../../reconcilers/model/totals.ts';
import { type Command, dataPrinter, formatOf, print, texts, withListOutput } from '../command.ts';
import { EXIT } from '../failure.ts';
import { datasetsNamed } from '../named.ts';
import { bytes, counted, table, terminalWidth } from '../print/table.ts';
import { openSession } from '../session.ts';
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
    const session = await openSession({ readOnly: true, sites: [], signal, command: 'status' });
    try {
      const wanted = texts(argv.datasets);
      const rows = await datasetsNamed(session, wanted);
      const now = await session.records.now();
      const states = await Promise.all(
        rows.map(async (dataset) => ({ dataset, totals: await session.records.totals(dataset), now })),
      );
      const specs = await specsNow(
        rows.filter((row) => row.orphanedMs === null),
        signal,
      );
      const sites = [...new Set(rows.map(({ loaded }) => loaded.site.name))];
      const left = session.database ? await readLeft(session.database.knex, sites) : [];
      const beside = [...specs.flatMap((one) => specSentence(one) ?? []), ...left.map(leftLine)];
      const printData = dataPrinter(argv);
      if (printData !== null) printData(states.map((one) => jsonOf(one, specs, left)));
      else if (formatOf(argv) === 'name') for (const { name } of rows) print(name);
      else print([textOf(states, formatOf(argv) === 'wide'), ...beside].join('\n'));
      return states.every((one) => restOf(one, PHASES).is === 'settled') ? EXIT.settled : EXIT.workRemains;
    } finally {
      await session.close();
    }
  },
};

interface Standing {
  readonly dataset: DatasetRow;
  readonly totals: Totals;
  readonly now: number;
}

/** What is left in a store for people to look at. */
function leftLine({ store, kind, files, sizeBytes, example }: LeftAtSite): string {
  const what = `${store}: ${counted(files, 'file')} (${bytes(sizeBytes)})`;
  return kind === 'quarantine'
    ? `${what} put away in ${QUARANTINE}, like ${example}`
    : `${what} of attempts that this database does not know, left alone, like ${example}`;
}

function jsonOf(one: Standing, specs: readonly SpecNow[], left: readonly LeftAtSite[]) {
  const { dataset, totals } = one;
  const spec = specs.find((each) => each.dataset === dataset);
  return {
    name: dataset.name,
    requestId: dataset.requestId,
    generation: dataset.generation,
    revision: dataset.loaded.revision,
    spec: spec?.is ?? 'orphaned',
    files: totals.inputs,
    outputs: totals.outputs,
    jobs: totals.liveJobs,
    transfers: totals.liveTransfers,
    rest: restOf(one, PHASES),
    left: left.filter(({ site }) => site === dataset.loaded.site.name),
  };
}

function textOf(states: readonly Standing[], wide: boolean): string {
  if (states.length === 0) return 'no dataset yet: write a spec, then `rereco reconcile`';
  const head = ['dataset', 'files', ...FILE_STATES];
  const lines = states.map(({ dataset, totals }) => {
    const counts = FILE_STATES.map((state) => totals.inputs[state]);
    const sum = counts.reduce((total, count) => total + count, 0);
    return [dataset.name, String(sum), ...counts.map((count) => (count === 0 ? '.' : String(count)))];
  });
  const sentences = states.map((one) => {
    const rest = restOf(one, PHASES);
    return `${one.dataset.name}: ${rest.is === 'settled' ? 'settled: every file is at its goal' : rest.because}`;
  });
  const width = wide ? Number.POSITIVE_INFINITY : terminalWidth();
  return `${table([head, ...lines], width)}\n\n${sentences.join('\n')}`;
}
