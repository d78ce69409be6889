/** A command line taken apart into options and what stands beside them, by what a command declares. */
import { nearest } from '../../specs/nearest.ts';
import { UserError } from '../failure.ts';
import { commandIn, type Declared } from './declared.ts';

/** An option as it was typed. */
export interface TypedOption {
  readonly name: string;
  /** Without its value, as in `--limit`, `-o` or `--no-yes`. */
  readonly typed: string;
  /** Undefined where none was given. */
  readonly value: string | undefined;
}

/** What a command line holds besides the command. */
export interface TakenApart {
  readonly options: readonly TypedOption[];
  /** The values that stand beside options, in their order. */
  readonly others: readonly string[];
}

/**
 * Take a command line apart, without the command's own word. After `--` nothing is an option.
 *
 * @throws UserError for an option that the command has not, with the one that was meant
 */
export function takeApart(args: readonly string[], declared: Declared): TakenApart {
  const options: TypedOption[] = [];
  const others: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') return { options, others: [...others, ...args.slice(at + 1)] };
    if (!arg.startsWith('-') || arg === '-') {
      others.push(arg);
      continue;
    }
    const option = optionIn(arg, declared);
    const next = args[at + 1];
    const takesNext = option.value === undefined && !declared.flags.has(option.name);
    if (takesNext && next !== undefined && isValue(next)) {
      options.push({ ...option, value: next });
      at++;
    } else options.push(option);
  }
  return { options, others };
}

/** Whether an argument is the value of the option before it: one that begins with `-` is an option, unless a number. */
function isValue(arg: string): boolean {
  return !arg.startsWith('-') || /^-(\d|$)/.test(arg);
}

/** One word that begins with `-`: `--name`, `--name=value`, `-o`, `-ovalue` or `-o=value`. */
function optionIn(arg: string, declared: Declared): TypedOption {
  const [, dashes = '', word = '', equals] = /^(--?)([^=]*)(=[\s\S]*)?$/.exec(arg) ?? [];
  const name = nameOf(word, declared);
  const isShort = dashes === '-';
  if (name !== undefined && isShort === (word.length === 1)) {
    return { name, typed: `${dashes}${word}`, value: equals?.slice(1) };
  }
  const short = isShort ? declared.names.get(word.slice(0, 1)) : undefined;
  if (short !== undefined && !declared.flags.has(short)) {
    return { name: short, typed: arg.slice(0, 2), value: arg.slice(2).replace(/^=/, '') };
  }
  throw unknownOption(`${dashes}${word}`, word, declared);
}

function nameOf(word: string, { names, flags }: Declared): string | undefined {
  const name = names.get(word);
  if (name !== undefined || !word.startsWith('no-')) return name;
  const negated = names.get(word.slice('no-'.length));
  return negated !== undefined && flags.has(negated) ? negated : undefined;
}

function unknownOption(typed: string, word: string, declared: Declared): UserError {
  const negated = word.startsWith('no-') ? declared.names.get(word.slice('no-'.length)) : undefined;
  if (negated !== undefined) {
    return new UserError(`${typed}: --${negated} takes a value; leave it out where it is not wanted`);
  }
  const command = commandIn(declared);
  const meant = word.length < 2 ? undefined : nearest(word.split('.')[0] ?? '', optionsOf(declared));
  const takesNames = declared.places.some(({ name }) => !declared.choices.has(name));
  const orName = takesNames ? '; a name that begins with - comes after --' : '';
  const hint =
    meant === undefined ? `\`rereco ${command} --help\` lists them${orName}` : `did you mean --${meant}?`;
  return new UserError(`${command} has no option ${typed}; ${hint}`);
}

/** The long names of a command's options. */
export function optionsOf({ names, places }: Declared): readonly string[] {
  const isPlace = (name: string) => places.some((place) => place.name === name);
  return [...new Set(names.values())].filter((name) => !isPlace(name));
}
