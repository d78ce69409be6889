/**
 * What was typed, held against what a command knows, before yargs makes values of it: of an option given
 * twice yargs makes a list, of `--dry-run=1` no dry run, and of an empty value none at all.
 */
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { type Command, texts } from './command.ts';
import { UserError } from './failure.ts';

/** The options and arguments of one command. */
export interface Declared {
  /** Its usage, as in `clean [files..]`. */
  readonly usage: string;
  /** The name of every option and of every other name of it. */
  readonly names: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  /** May be given several times. */
  readonly lists: ReadonlySet<string>;
}

/** The options that a command has declared to yargs. */
export function declaredBy(argv: Argv, usage: string): Declared {
  // yargs has always had getOptions(); its types have not. A test holds this against every command.
  const getOptions: unknown = Reflect.get(argv, 'getOptions');
  const options: unknown = typeof getOptions === 'function' ? getOptions.call(argv) : {};
  const part = (name: string): unknown => Reflect.get(Object(options), name);
  const texts = (list: unknown) => (Array.isArray(list) ? list.map(String) : []);
  const names = Object.keys(Object(part('key')));
  const aliases = Object.entries(Object(part('alias'))).flatMap(([name, others]) =>
    texts(others).map((other) => [other, name] as const),
  );
  const own = names.flatMap((name) => [
    [name, name] as const,
    [name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()), name] as const,
  ]);
  return {
    usage,
    names: new Map([...aliases, ...own]),
    flags: new Set(texts(part('boolean'))),
    numbers: new Set(texts(part('number'))),
    lists: new Set(texts(part('array'))),
  };
}

/**
 * What was typed without the `--` that changes nothing: of what comes after one yargs fills no places
 * of a command, so that `reconcile -- p17.yaml` would reconcile everything.
 */
export function withoutDashes(args: readonly string[]): readonly string[] {
  const at = args.indexOf('--');
  const after = args.slice(at + 1);
  return at < 0 || after.some((arg) => arg.startsWith('-')) ? args : [...args.slice(0, at), ...after];
}

/** What yargs made of the arguments, with those after a `--` in the place that takes several. @throws UserError */
export function withRest(argv: ArgumentsCamelCase, { usage }: Command): ArgumentsCamelCase {
  const rest = argv._.slice(1).map(String);
  if (rest.length === 0) return argv;
  const place = /\[(\w+)\.\.\]/.exec(usage)?.[1];
  if (place === undefined) throw new UserError(`unknown argument: ${rest[0]}; usage: rereco ${usage}`);
  return { ...argv, [place]: [...texts(argv[place]), ...rest] };
}

interface Given {
  readonly name: string;
  /** As it was typed. */
  readonly typed: string;
  readonly value: string | undefined;
}

/**
 * Refuse what was typed wrongly: an option twice that is taken once, one without its value, a number that
 * is none, an empty name. An unknown option is left to yargs, which suggests others.
 *
 * @throws UserError that names the option and says what to do
 */
export function checkGiven(args: readonly string[], declared: Declared): void {
  const { options, others } = takenApart(args, declared);
  const seen = new Set<string>();
  for (const one of options) {
    checkValue(one, declared);
    const again = seen.has(one.name) && !declared.lists.has(one.name);
    if (again) throw new UserError(`--${one.name} was given twice; it is taken once`);
    seen.add(one.name);
  }
  if (others.some((one) => one.trim() === '')) {
    throw new UserError(`an argument is empty; usage: rereco ${declared.usage}`);
  }
}

/** The options that are known, and what stands beside options. */
function takenApart(
  args: readonly string[],
  declared: Declared,
): { readonly options: readonly Given[]; readonly others: readonly string[] } {
  const options: Given[] = [];
  const others: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') return { options, others: [...others, ...args.slice(at + 1)] };
    const [, typed = '', word = '', equals] = /^(--?([^=]+))(=[\s\S]*)?$/.exec(arg) ?? [];
    const name = nameOf(word, declared);
    const negated = word.startsWith('no-') ? declared.names.get(word.slice('no-'.length)) : undefined;
    if (name === undefined && negated !== undefined) {
      throw new UserError(`${typed}: --${negated} takes a value; leave it out where it is not wanted`);
    }
    if (name === undefined) {
      if (!arg.startsWith('-')) others.push(arg);
      continue;
    }
    const next = args[at + 1];
    const apart = equals === undefined && !declared.flags.has(name) && next !== undefined && isValue(next);
    if (apart) at++;
    options.push({ name, typed, value: apart ? next : equals?.slice(1) });
  }
  return { options, others };
}

function nameOf(word: string, { names, flags }: Declared): string | undefined {
  const name = names.get(word);
  if (name !== undefined || !word.startsWith('no-')) return name;
  const negated = names.get(word.slice('no-'.length));
  return negated !== undefined && flags.has(negated) ? negated : undefined;
}

/** Whether yargs takes an argument for the value of the option before it. */
function isValue(arg: string): boolean {
  return !arg.startsWith('-') || /^-\d/.test(arg);
}

function checkValue({ name, typed, value }: Given, declared: Declared): void {
  const positional = new RegExp(`[<[]${name}(\\.\\.)?[>\\]]`).test(declared.usage);
  if (positional) throw new UserError(`${typed} is no option; usage: rereco ${declared.usage}`);
  if (declared.flags.has(name)) {
    if (value === undefined || value === 'true' || value === 'false') return;
    throw new UserError(
      `${typed} takes no value, and ${typed}=${value} could mean either; leave the value out`,
    );
  }
  if (value === undefined || value.trim() === '') {
    throw new UserError(`${typed} has no value; write one, or leave ${typed} out`);
  }
  if (declared.numbers.has(name) && !(/^\d{1,15}$/.test(value) && Number(value) > 0)) {
    throw new UserError(`${typed} ${value}: write a whole number above 0`);
  }
}
