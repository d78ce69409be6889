import { formatProblem } from '../../specs/errors.ts';
import { asJson, type Command, print, printJson, texts, withOutput } from '../command.ts';
import { EXIT } from '../failure.ts';
import { counted } from '../print/table.ts';
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
    if (asJson(argv)) printJson({ datasets: good, problems: specs.problems });
    else {
      for (const problem of specs.problems) print(formatProblem(problem));
      const problems =
        specs.problems.length === 0 ? 'no problems' : counted(specs.problems.length, 'problem');
      print(`${counted(good.length, 'valid dataset')}, ${problems}`);
    }
    return specs.problems.length === 0 ? EXIT.settled : EXIT.mistake;
  },
};
