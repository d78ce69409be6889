/** The bracket expressions of POSIX in the C locale: `[[:digit:]a-f]`, `[^]x-]`. */

/** What stands between brackets, or the end of a sentence that says what is wrong with it. */
export type Brackets =
  | { readonly bytes: readonly string[]; readonly not: boolean; readonly end: number }
  | { readonly sentence: string };

const bytesWhere = (is: (code: number) => boolean): string =>
  Array.from({ length: 128 }, (_, code) => code)
    .filter(is)
    .map((code) => String.fromCharCode(code))
    .join('');

const digit = bytesWhere((code) => code >= 48 && code <= 57);
const upper = bytesWhere((code) => code >= 65 && code <= 90);
const lower = bytesWhere((code) => code >= 97 && code <= 122);
const alnum = digit + upper + lower;
const graph = bytesWhere((code) => code > 32 && code < 127);

/** The bytes of each class in the C locale, where bytes over 127 belong to none. */
export const BYTES_OF_CLASS = {
  alnum,
  alpha: upper + lower,
  blank: ' \t',
  cntrl: bytesWhere((code) => code < 32 || code === 127),
  digit,
  graph,
  lower,
  print: ` ${graph}`,
  punct: [...graph].filter((sign) => !alnum.includes(sign)).join(''),
  space: ' \t\n\v\f\r',
  upper,
  xdigit: `${digit}ABCDEFabcdef`,
} as const;

const CLASSES: ReadonlyMap<string, string> = new Map(Object.entries(BYTES_OF_CLASS));

/** One thing between brackets: a single byte, which may begin a range, or a class. */
interface Item {
  readonly bytes: string;
  readonly single: boolean;
  readonly end: number;
}

/**
 * Read a bracket expression.
 *
 * @param start  the place after its `[`
 * @returns the bytes it names, and the place after its `]`
 */
export function readBrackets(pattern: string, start: number): Brackets {
  const not = pattern[start] === '^';
  const first = not ? start + 1 : start;
  const bytes = new Set<string>();
  let at = first;
  while (at < pattern.length && (pattern[at] !== ']' || at === first)) {
    const item = readItem(pattern, at);
    if ('sentence' in item) return item;
    at = item.end;
    const range = pattern[at] === '-' && (pattern[at + 1] ?? ']') !== ']';
    const last = range ? readItem(pattern, at + 1) : item;
    if ('sentence' in last) return last;
    if (range && (!item.single || !last.single))
      return { sentence: 'has a range that begins or ends with a class' };
    const named = range ? between(item.bytes, last.bytes) : item.bytes;
    if (named === '')
      return { sentence: `has the range ${item.bytes}-${last.bytes}, whose end is before its beginning` };
    for (const byte of named) bytes.add(byte);
    at = last.end;
    if (range && pattern[at] === '-' && (pattern[at + 1] ?? ']') !== ']') {
      return { sentence: 'has a range that goes on after its end, as in [a-c-e]' };
    }
  }
  if (at >= pattern.length) return { sentence: 'has a [ without its ]; write \\[ for the sign itself' };
  return outsideOfClass(pattern.slice(start, at)) ?? { bytes: [...bytes], not, end: at + 1 };
}

function readItem(pattern: string, at: number): Item | { readonly sentence: string } {
  const opened = /^\[([:.=])(.*?)\1\]/s.exec(pattern.slice(at));
  if (opened === null) {
    if (/^\[[:.=]/.test(pattern.slice(at))) {
      return { sentence: `has ${pattern.slice(at, at + 2)} in brackets without its end; write the [ last` };
    }
    return backslash(pattern, at) ?? { bytes: pattern.charAt(at), single: true, end: at + 1 };
  }
  const [written, kind, name = ''] = opened;
  const end = at + written.length;
  if (kind === ':') {
    const bytes = CLASSES.get(name);
    const known = [...CLASSES.keys()].join(', ');
    return bytes === undefined
      ? { sentence: `has no class ${written}; there are ${known}` }
      : { bytes, single: false, end };
  }
  if (name.length !== 1)
    return { sentence: `has ${written}, which the C locale has not; write the signs themselves` };
  return { bytes: name, single: kind === '.', end };
}

/** A backslash in brackets is a sign like any other; where it looks like more, it is refused. */
function backslash(pattern: string, at: number): Item | { readonly sentence: string } | undefined {
  if (pattern[at] !== '\\') return undefined;
  const next = pattern[at + 1] ?? '';
  if (next === '\\') return { bytes: '\\', single: true, end: at + 2 };
  const misleading =
    BYTES_OF_CLASS.alnum.includes(next) || next === '-' || (next === ']' && pattern[at + 2] === ']');
  if (next === '' || !misleading) return undefined;
  return {
    sentence: `uses \\${next} in brackets, where a backslash stands for itself; write a class such as [:digit:] or [:space:], ] first, - last, and a backslash twice`,
  };
}

function between(first: string, last: string): string {
  const codes = [first.charCodeAt(0), last.charCodeAt(0)] as const;
  return Array.from({ length: Math.max(0, codes[1] - codes[0] + 1) }, (_, n) =>
    String.fromCharCode(codes[0] + n),
  ).join('');
}

function outsideOfClass(inside: string): { readonly sentence: string } | undefined {
  if (!/^:[a-z]+:$/.test(inside)) return undefined;
  return { sentence: `has [${inside}]; a class stands in brackets of its own, as in [[:digit:]]` };
}
