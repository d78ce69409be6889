import { explain } from '../../specs/explain.ts';
import { type Command, dataPrinter, print, withOutput } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { optional } from '../named.ts';
import { explanationLines } from '../print/explanation.ts';
import { terminalWidth } from '../print/table.ts';

/** Tells what a field of a spec means, from the schema that checks it. */
export const explainCommand: Command = {
  usage: 'explain [field]',
  summary: 'what a field of a spec means',
  examples: [
    ['rereco explain', 'the documents there are'],
    ['rereco explain spec.job', 'a group, and the fields in it'],
    ['rereco explain spec.outputs.dst.policy', 'a field; names of your own may be in its path'],
  ],
  options: (argv) =>
    withOutput(argv).positional('field', { type: 'string', describe: 'its path, such as spec.job.macro' }),

  async run(argv) {
    const said = explain(optional(argv.field) ?? '');
    if ('found' in said) throw new UserError(said.sentence);
    const printData = dataPrinter(argv);
    if (printData !== null) printData(said);
    else {
      print(said.map((one) => explanationLines(one, terminalWidth()).join('\n')).join('\n\n'));
    }
    return EXIT.settled;
  },
};
