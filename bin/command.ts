import type { ArgumentsCamelCase, Argv } from 'yargs';

/** One command: what is typed, what it means, examples that work, and what it does. */
export interface Command {
  /** As yargs has it: `reconcile [paths..]`. */
  readonly usage: string;
  readonly summary: string;
  readonly examples: readonly (readonly [line: string, what: string])[];
  options(argv: Argv): Argv;
  /** @param version  this program's own. @returns the exit code */
  run(argv: ArgumentsCamelCase, signal: AbortSignal, version: string): Promise<number>;
}

/** The option `-o text|json` of every command that prints data. */
export function withOutput(argv: Argv): Argv {
  return argv.option('output', {
    alias: 'o',
    choices: ['text', 'json'] as const,
    default: 'text',
    describe: 'how to print',
  });
}

export function asJson(argv: ArgumentsCamelCase): boolean {
  return argv.output === 'json';
}

/** Texts of a repeatable argument. */
export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Data for programs: sets become lists, maps become objects. */
export function printJson(data: unknown): void {
  const plain = (_key: string, value: unknown) => {
    if (value instanceof Map) return Object.fromEntries(value);
    return value instanceof Set ? [...value] : value;
  };
  print(JSON.stringify(data, plain, 2));
}
