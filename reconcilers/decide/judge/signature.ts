/** What alike failures have in common: a sentence without what differs from file to file. */

/** Exit codes and signals tell failures apart, and are kept as they are; so is the name of an encoding. */
const KEPT = /(\bexit(?:ed)?(?: code| with)* \d+|\bSIG[A-Z]+\d*|\bUTF-\d+\b)/;

const NAME_CHARACTER = String.raw`[\w.@%+~…-]`;

/** Ways to write what differs, in the order in which they are looked for. */
const DIFFERENT: readonly (readonly [RegExp, string])[] = [
  // An address, an absolute path, a path from a known folder, and one with a dot in its last name.
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s'"`<>()[\],;]+/gi, 'PATH'],
  [/(?<![\w/…])(?:~|\.{1,2})?\/[^\s'"`<>()[\],;:/]+(?:\/[^\s'"`<>()[\],;:]*)*/g, 'PATH'],
  [
    new RegExp(String.raw`(?<![\w/])(?:${NAME_CHARACTER}+/)+${NAME_CHARACTER}*(?:\.\w+|…)(?![\w/])`, 'g'),
    'PATH',
  ],
  // A UUID, 0x and hexadecimal digits, and what can be nothing else: eight of them, or fewer with a digit among letters.
  [/(?<![a-z0-9])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![a-z0-9])/gi, 'N'],
  [/(?<![a-z0-9])0x[0-9a-f]+(?![a-z0-9])/gi, 'N'],
  [/(?<![a-z0-9])(?:[0-9a-f]{8,}|(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{4,})(?![a-z0-9])/gi, 'N'],
  // Numbers, dates and times: with a sign or an exponent they are numbers, too.
  [/(?<![\w)\]])[-+](?=\.?\d)/g, ''],
  [/\d+(?:[.,:]\d+)*(?:e[-+]?\d+)?(?![a-z0-9])|\d+/gi, 'N'],
  // One of a kind is told as several are.
  [/\bN (byte|event|file)\b/g, 'N $1s'],
  [/\b(N (?:byte|event|file)s) was\b/g, '$1 were'],
];

const MOST_CHARACTERS = 200;

/**
 * A failure's sentence without its names, paths, hexadecimal and other numbers, so that
 * alike failures group; exit codes and signals stay.
 *
 * `event count 99 of raw_7.lhe` and `event count 98 of raw_8.lhe` are one.
 *
 * @param names  of the file and of what is made of it; each without its ending counts as well
 */
export function signature(sentence: string, ...names: readonly string[]): string {
  return withoutNames(sentence, names)
    .split(KEPT)
    .map((part, n) => (n % 2 === 1 ? part : folded(part)))
    .join('')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MOST_CHARACTERS);
}

function folded(text: string): string {
  return DIFFERENT.reduce((rest, [what, word]) => rest.replace(what, word), text);
}

/** A word this short is in too many sentences that are about something else. */
const LEAST_CHARACTERS = 3;

/** Names are looked for before their stems: an output's may begin with the stem of its input's. */
function withoutNames(text: string, names: readonly string[]): string {
  const stems = names.map((name) => name.replace(/\.[^.]*$/, ''));
  return [...names, ...stems]
    .filter((word) => word.length >= LEAST_CHARACTERS)
    .reduce((rest, word) => rest.replace(wholeWord(word), '…'), text);
}

function wholeWord(word: string): RegExp {
  return new RegExp(`(?<![\\w-])${word.replace(/[^\w\s]/gu, '\\$&')}(?![\\w-])`, 'g');
}
