/**
 * What was typed, held against what a command declares, as the values it runs with.
 *
 * yargs declares options and prints help, but does not read command lines: of an option given twice it
 * makes a list, of `--dry-run=1` no dry run, of `-ojson` four options, and of an empty value none at all.
 */
import type { ArgumentsCamelCase } from 'yargs';
import { nearest, suggestion } from '../../specs/nearest.ts';
import { UserError } from '../failure.ts';
import { camelCase, commandIn, type Declared } from './declared.ts';
import { type TakenApart, type TypedOption, takeApart } from './take-apart.ts';

/**
 * The values of a command's options and places, with the defaults of those that were not given.
 *
 * @param args  without the command's own word
 * @throws UserError that names the option or place and says what to do: for an unknown option, one given twice
 *   that is taken once, one without its value, a number that is none, a word that is none of its choices, an
 *   empty name, and for too few or too many values beside the options
 */
export function givenIn(args: readonly string[], declared: Declared): ArgumentsCamelCase {
  const { options, others } = takeApart(args, declared);
  const values = new Map([
    ...declared.defaults,
    ...optionValues(options, declared),
    ...placeValues(others, declared),
  ]);
  const missed = [...declared.needed].find((name) => !values.has(name));
  if (missed !== undefined) {
    throw new UserError(`--${missed} is missing; \`rereco ${commandIn(declared)} --help\` has examples`);
  }
  const named = [...values].flatMap(([name, value]) => [
    [name, value],
    [camelCase(name), value],
  ]);
  return { ...Object.fromEntries(named), _: [], $0: 'rereco' };
}

function optionValues(options: TakenApart['options'], declared: Declared): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  for (const option of options) {
    const { name } = option;
    const value = valueGiven(option, declared);
    const before = values.get(name);
    if (declared.lists.has(name)) values.set(name, [...(Array.isArray(before) ? before : []), value]);
    else if (before === undefined) values.set(name, value);
    else throw new UserError(`--${name} was given twice; it is taken once`);
  }
  return values;
}

function valueGiven(option: TypedOption, declared: Declared): boolean | number | string {
  const { name, typed, value } = option;
  if (declared.places.some((place) => place.name === name)) {
    throw new UserError(`${typed} is no option; usage: rereco ${declared.usage}`);
  }
  if (declared.flags.has(name)) return flagOf(option);
  if (value === undefined || value.trim() === '') {
    throw new UserError(
      `${typed} has no value; write one (${typed}=-x where it begins with -), or leave ${typed} out`,
    );
  }
  const choices = declared.choices.get(name);
  if (choices !== undefined && !choices.includes(value)) {
    throw new UserError(`${typed} ${value}: ${suggestion(value, choices)}`);
  }
  return declared.numbers.has(name) ? numberOf(typed, value) : value;
}

function flagOf({ typed, value }: TypedOption): boolean {
  if (value !== undefined && value !== 'true' && value !== 'false') {
    throw new UserError(
      `${typed} takes no value, and ${typed}=${value} could mean either; leave the value out`,
    );
  }
  return typed.startsWith('--no-') === (value === 'false');
}

function numberOf(typed: string, value: string): number {
  if (/^\d{1,15}$/.test(value) && Number(value) > 0) return Number(value);
  throw new UserError(`${typed} ${value}: write a whole number above 0`);
}

/** The values beside the options, each at its place by their order. */
function placeValues(others: TakenApart['others'], declared: Declared): ReadonlyMap<string, unknown> {
  const { usage, places } = declared;
  if (others.some((one) => one.trim() === '')) {
    throw new UserError(`an argument is empty; usage: rereco ${usage}`);
  }
  const values = new Map<string, unknown>();
  let left = others;
  for (const place of places) {
    const taken = left.slice(0, place.several ? left.length : 1);
    if (place.needed && taken.length === 0) {
      throw new UserError(`${missing(place.name, declared)}; usage: rereco ${usage}`);
    }
    const words = taken.map((word) => choiceOf(word, place.name, declared));
    if (place.several) values.set(place.name, words);
    else if (words.length > 0) values.set(place.name, words[0]);
    left = left.slice(taken.length);
  }
  if (left.length > 0) throw new UserError(`unknown argument: ${left[0]}; usage: rereco ${usage}`);
  return values;
}

function missing(place: string, { choices }: Declared): string {
  const words = choices.get(place);
  return `<${place}> is missing${words === undefined ? '' : ` (one of ${words.join(', ')})`}`;
}

/** The word itself where a place takes any; else the choice that it is, or is another word for. */
function choiceOf(word: string, place: string, declared: Declared): string {
  const { choices, synonyms } = declared;
  const words = choices.get(place);
  if (words === undefined) return word;
  const meant = Object.hasOwn(synonyms, word) ? synonyms[word] : word;
  if (meant !== undefined && words.includes(meant)) return meant;
  const near = nearest(word, [...words, ...Object.keys(synonyms)]);
  const hint = near === undefined ? suggestion(word, words) : `did you mean ${near}?`;
  throw new UserError(`there is no \`rereco ${commandIn(declared)} ${word}\`; ${hint}`);
}
