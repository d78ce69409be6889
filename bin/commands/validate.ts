import { ServerError } from '../../db/server/errors.ts';
import { heldProblems } from '../../reconcilers/decide/specs/unasked.ts';
import { driversMissing } from '../../reconcilers/drivers/registry.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import { byPlace, formatProblem } from '../../specs/errors.ts';
import type { LoadedSpecs, SpecProblem } from '../../specs/types.ts';
import { type Command, dataPrinter, print, texts, withOutput } from '../command.ts';
import { EXIT, isDatabaseDown, UserError } from '../failure.ts';
import { hasRecords, openSession } from '../session.ts';
import { readSpecs } from '../specs.ts';

/** Says what is wrong with specs, all of it at once, and touches nothing. */
export const validateCommand: Command = {
  usage: 'validate [paths..]',
  summary: 'check specs and say everything that is wrong with them',
  examples: [
    ['rereco validate', 'the specs in this folder and below'],
    ['rereco validate specs/p17.yaml -o json', 'one file, for a program'],
  ],
  options: (argv) =>
    withOutput(argv.positional('paths', { describe: 'spec files or folders', type: 'string', array: true })),

  async run(argv, signal) {
    const { specs } = await readSpecs(texts(argv.paths), signal);
    const good = specs.datasets.map(({ spec, revision }) => ({
      dataset: spec.name,
      site: spec.site,
      revision,
    }));
    const problems = [...specs.problems, ...(await problemsOnRecord(specs, signal))].sort(byPlace);
    const printData = dataPrinter(argv);
    const missing = missingFrom(specs);
    if (printData !== null) printData({ datasets: good, problems, missing });
    else {
      for (const { site, sentence } of missing) print(`site ${site}: ${sentence}`);
      for (const problem of problems) print(formatProblem(problem));
      const count = problems.length === 0 ? 'no problems' : counted(problems.length, 'problem');
      print(`${counted(good.length, 'valid dataset')}, ${count}`);
    }
    return problems.length === 0 ? EXIT.settled : EXIT.mistake;
  },
};

/** Drivers of sites that this version does not have: no mistake of the specs, which are valid without them. */
function missingFrom({ sites, datasets }: LoadedSpecs): readonly Missing[] {
  const all = [...sites, ...datasets.map(({ site }) => site)];
  const byName = new Map(all.map((site) => [site.name, site]));
  return [...byName.values()].flatMap((site) =>
    driversMissing(site).map((sentence) => ({ site: site.name, sentence })),
  );
}

interface Missing {
  readonly site: string;
  readonly sentence: string;
}

/** Documents of other programs in files that held a dataset, as far as a database is at hand to say so. */
async function problemsOnRecord(specs: LoadedSpecs, signal: AbortSignal): Promise<readonly SpecProblem[]> {
  if (specs.passedOver.length === 0 || !(await hasRecords(signal))) return [];
  try {
    const session = await openSession({ mode: 'preview', sites: [], signal, command: 'validate' });
    try {
      return heldProblems(specs, await session.records.datasets());
    } finally {
      await session.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    const isAbsent = isDatabaseDown(error) || error instanceof ServerError || error instanceof UserError;
    if (!isAbsent) throw error;
    // Specs are checked without a database as well.
    return [];
  }
}
