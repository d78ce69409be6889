import { stringify } from 'yaml';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { safeJson, safeText } from './print/shown.ts';
import { lineWidth } from './print/table.ts';

/** One command: what is typed, what it means, examples that work, and what it does. */
export interface Command {
  /** As yargs has it: `reconcile [paths..]`. */
  readonly usage: string;
  readonly summary: string;
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Other words for a choice of one of its places, as `file` for `files`. */
  readonly synonyms?: Readonly<Record<string, string>>;
  /** Words that values of an option may be, where they are no closed choice: a shell completes them. */
  readonly hints?: Readonly<Record<string, readonly string[]>>;
  options(argv: Argv): Argv;
  /** @param version  this program's own. @returns the exit code */
  run(argv: ArgumentsCamelCase, signal: AbortSignal, version: string): Promise<number>;
}

/** How a command prints: for people, or as data for programs. */
export const FORMATS = ['text', 'json', 'yaml'] as const;

/** How a command that lists things prints: also with every column, or the names alone. */
export const LIST_FORMATS = ['text', 'wide', 'name', 'json', 'yaml'] as const;

/** The option `-o` of a command that prints data. */
export function withOutput(argv: Argv): Argv {
  return argv.option('output', {
    alias: 'o',
    choices: FORMATS,
    default: 'text',
    describe: 'how to print; json and yaml are for programs',
  });
}

/** The option `-o` of a command that lists things by name. */
export function withListOutput(argv: Argv): Argv {
  return argv.option('output', {
    alias: 'o',
    choices: LIST_FORMATS,
    default: 'text',
    describe: 'how to print; wide: all columns and whole names, name: the names alone',
  });
}

/** How what is asked for is to be printed. */
export function formatOf(argv: ArgumentsCamelCase): (typeof LIST_FORMATS)[number] {
  return LIST_FORMATS.find((format) => format === argv.output) ?? 'text';
}

/** `widthFor` is the width of the lines that are asked for; Infinity where nothing is to be shortened. */
export function widthFor(argv: ArgumentsCamelCase): number {
  return formatOf(argv) === 'wide' ? Number.POSITIVE_INFINITY : lineWidth();
}

/** Prints data for programs. */
export type PrintData = (data: unknown) => void;

/** What prints data where `-o json` or `-o yaml` asks for it; null where text for people is asked for. */
export function dataPrinter(argv: ArgumentsCamelCase): PrintData | null {
  const format = formatOf(argv);
  if (format === 'json')
    return (data) => void process.stdout.write(`${safeJson(JSON.stringify(data, asPlain, 2))}\n`);
  if (format === 'yaml') {
    return (data) =>
      process.stdout.write(stringify(JSON.parse(JSON.stringify(data, asPlain)), { lineWidth: 0 }));
  }
  return null;
}

/** Sets become lists, maps become objects. */
function asPlain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  return value instanceof Set ? [...value] : value;
}

/** Texts of a repeatable argument. */
export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];
}

/** `print` writes a text for people, with nothing in it that would move a terminal's cursor. */
export function print(text: string): void {
  process.stdout.write(`${safeText(text)}\n`);
}

/** `tellLeftOut` says that a limit has left something out, beside what is printed: who reads that is not disturbed. */
export function tellLeftOut(shown: string): void {
  process.stderr.write(`${shown}; a larger --limit shows more\n`);
}
