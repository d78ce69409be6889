/** The help of the program and of each command, at the terminal's width. */
import yargs from 'yargs';
import type { Command } from '../command.ts';
import { terminalWidth } from './table.ts';
import { wrapped } from './wrap.ts';

/** No line is longer than this, however wide the terminal is. */
const WIDEST = 100;

const ENVIRONMENT: Readonly<Record<string, string>> = {
  DATABASE_URL: 'a PostgreSQL of your own: postgres://user@host/database',
  RERECO_STATE: 'the state folder; by default .rereco here or above',
  RERECO_SCHEMA: 'the schema of the tables; by default rereco',
};

/** The help of the program: every command with its summary, by what it is for. */
export function generalHelp(groups: Readonly<Record<string, readonly Command[]>>): string {
  const sections = Object.entries(groups).map(([title, commands]) =>
    section(
      title,
      commands.map(({ usage, summary }) => [usage.split(' ')[0] ?? '', summary]),
    ),
  );
  return [
    'usage: rereco COMMAND [ARGUMENTS] [OPTIONS]',
    'Reconciles data reprocessing campaigns with their specs.',
    ...sections,
    section('environment', Object.entries(ENVIRONMENT)),
    'exit codes: 0 settled, 1 something failed, 2 your mistake, 3 work remains\n' +
      '`rereco COMMAND --help` has the options and examples of a command',
  ].join('\n\n');
}

function section(title: string, lines: readonly (readonly [word: string, text: string])[]): string {
  const column = Math.max(...lines.map(([word]) => word.length)) + 4;
  const texts = lines.map(([word, text]) => {
    const body = wrapped(text, ' '.repeat(column), width());
    return `  ${word.padEnd(column - 2)}${body.slice(column)}`;
  });
  return [`${title}:`, ...texts].join('\n');
}

/** The help of one command: its places and options as yargs prints them, and examples that can be copied. */
export async function commandHelp(command: Command): Promise<string> {
  const { usage, summary, examples } = command;
  const parser = yargs([])
    .scriptName('rereco')
    .version(false)
    .help('help')
    .alias('help', 'h')
    .exitProcess(false)
    .wrap(width())
    .command(usage, summary, (argv) => command.options(argv));
  const [name = ''] = usage.split(' ');
  let help = '';
  await parser.parseAsync([name, '--help'], {}, (_error: unknown, _argv: unknown, output: string) => {
    help = output;
  });
  const shown = examples.flatMap(([line, what]) => [`  ${line}`, wrapped(what, '      ', width())]);
  return [withoutEmptyDefaults(help.trimEnd()), '', 'Examples:', ...shown].join('\n');
}

/** yargs says of a list that by default it is `[]`, which says nothing; what stays ends where it ended. */
function withoutEmptyDefaults(help: string): string {
  return help.replace(/((?:\[\w+\] )+)\[default: \[\]\]$/gm, (all, rest: string) =>
    rest.trimEnd().padStart(all.length),
  );
}

function width(): number {
  return Math.min(WIDEST, terminalWidth());
}
