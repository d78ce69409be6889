/** What a command declares to yargs, as the reading of a command line needs it. */
import yargs, { type Argv } from 'yargs';
import type { Command } from '../command.ts';

/** A value that stands beside options, as `<file>`, `[name]` or `[files..]` in a usage. */
export interface Place {
  readonly name: string;
  readonly needed: boolean;
  /** It takes all that is left. */
  readonly several: boolean;
}

/** The options and places of one command. */
export interface Declared {
  /** Its usage, as in `clean [files..]`. */
  readonly usage: string;
  readonly places: readonly Place[];
  /** Other words for a choice of the first place, as `file` for `files`. */
  readonly synonyms: Readonly<Record<string, string>>;
  /** Words that values of an option may be, where they are no closed choice. */
  readonly hints: Readonly<Record<string, readonly string[]>>;
  /** The name of every option and place, by every name of it. */
  readonly names: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  /** May be given several times. */
  readonly lists: ReadonlySet<string>;
  /** The words of which a value must be one. */
  readonly choices: ReadonlyMap<string, readonly string[]>;
  /** The options, none of them a place, without which the command does nothing. */
  readonly needed: ReadonlySet<string>;
  readonly defaults: ReadonlyMap<string, unknown>;
}

/** What a command declares. */
export function declaredOf(command: Command): Declared {
  return declaredBy(command.options(yargs([])), command);
}

/** The options that were declared to yargs, with what the command's usage says of its places. */
function declaredBy(
  argv: Argv,
  { usage, synonyms = {}, hints = {} }: Pick<Command, 'usage' | 'synonyms' | 'hints'>,
): Declared {
  // yargs has always had getOptions(); its types have not. A test holds this against every command.
  const getOptions: unknown = Reflect.get(argv, 'getOptions');
  const options: unknown = typeof getOptions === 'function' ? getOptions.call(argv) : {};
  const part = (name: string): unknown => Reflect.get(Object(options), name);
  const partEntries = (name: string) => Object.entries<unknown>(Object(part(name)));
  const texts = (list: unknown) => (Array.isArray(list) ? list.map(String) : []);
  const aliases = partEntries('alias').flatMap(([name, others]) =>
    texts(others).map((other) => [other, name] as const),
  );
  const own = partEntries('key').flatMap(([name]) => [
    [name, name] as const,
    [camelCase(name), name] as const,
  ]);
  const places = placesOf(usage);
  const isPlace = (name: string) => places.some((place) => place.name === name);
  return {
    usage,
    places,
    synonyms,
    hints,
    // To yargs a flag's short name is one of its own, too.
    names: new Map([...own, ...aliases]),
    flags: new Set(texts(part('boolean'))),
    numbers: new Set(texts(part('number'))),
    lists: new Set(texts(part('array'))),
    choices: new Map(partEntries('choices').map(([name, words]) => [name, texts(words)])),
    needed: new Set(partEntries('demandedOptions').flatMap(([name]) => (isPlace(name) ? [] : [name]))),
    defaults: new Map(partEntries('default')),
  };
}

/** The command's own word, as `clean`. */
export function commandIn({ usage }: Pick<Declared, 'usage'>): string {
  return usage.split(' ')[0] ?? usage;
}

/** `dry-run` as `dryRun`, which yargs has always taken for the same. */
export function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function placesOf(usage: string): readonly Place[] {
  return [...usage.matchAll(/([<[])(\w+)(\.\.)?[>\]]/g)].map(([, bracket, name = '', dots]) => ({
    name,
    needed: bracket === '<',
    several: dots !== undefined,
  }));
}
