/** What may come next on a command line that is being typed. */
import type { Declared } from './declared.ts';
import { optionsOf } from './take-apart.ts';

/** What may stand at a place: words that are known, or names that are on record. */
export interface Completions {
  readonly words: readonly string[];
  readonly datasets: boolean;
}

/** Options and places whose value is the name of a dataset. */
const DATASETS: ReadonlySet<string> = new Set(['dataset', 'datasets']);

const NONE: Completions = { words: [], datasets: false };

/**
 * What may come next after a command's own word.
 *
 * @param before  the words between the command and the one being typed
 * @param current  what is typed of the word already
 */
export function completionsOf(before: readonly string[], current: string, declared: Declared): Completions {
  const open = before.includes('--') ? undefined : openOption(before, declared);
  if (open !== undefined) return valuesOf(open, '', declared);
  const [, typed = '', name = ''] = /^(--([\w-]+)=)/.exec(current) ?? [];
  if (name !== '') return valuesOf(declared.names.get(name), typed, declared);
  if (current.startsWith('-')) return { words: freeOptions(before, declared), datasets: false };
  const others = othersIn(before, declared).length;
  const place = declared.places[others] ?? declared.places.findLast(({ several }) => several);
  return valuesOf(place?.name, '', declared);
}

/** @param typed  what comes before the value in the same word, as `--output=` */
function valuesOf(name: string | undefined, typed: string, declared: Declared): Completions {
  if (name === undefined) return NONE;
  const words = declared.choices.get(name) ?? declared.hints[name] ?? [];
  return {
    words: words.map((word) => `${typed}${word}`),
    datasets: typed === '' && isDataset(name, declared),
  };
}

function isDataset(name: string, { usage }: Declared): boolean {
  return DATASETS.has(name) || (name === 'name' && /^(history|dataset) /.test(usage));
}

/** The option whose value the next word is; undefined where that is none. */
function openOption(before: readonly string[], { names, flags }: Declared): string | undefined {
  // bash takes `--output=js` for three words.
  const words = before.at(-1) === '=' ? before.slice(0, -1) : before;
  const name = names.get(/^--?([\w-]+)$/.exec(words.at(-1) ?? '')?.[1] ?? '');
  return name === undefined || flags.has(name) ? undefined : name;
}

/** The words that stand beside options. */
function othersIn(before: readonly string[], declared: Declared): readonly string[] {
  return before.filter((word, at) => {
    if (word.startsWith('-') || word === '=') return false;
    return openOption(before.slice(0, at), declared) === undefined;
  });
}

/** The options that may still be given. */
function freeOptions(before: readonly string[], declared: Declared): readonly string[] {
  const given = new Set(before.map((word) => declared.names.get(/^--?([\w-]+)/.exec(word)?.[1] ?? '')));
  return optionsOf(declared)
    .filter((name) => name !== 'version' && (declared.lists.has(name) || !given.has(name)))
    .map((name) => `--${name}`);
}
