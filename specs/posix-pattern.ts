/**
 * The one dialect of regular expressions in specs: POSIX extended regular expressions
 * as `LC_ALL=C grep -E` has them, matched line by line and byte by byte.
 *
 * What POSIX leaves undefined is refused, because grep, sed and awk differ there: so a
 * pattern means the same on every worker node and in this program. The grammar is that
 * of POSIX.1-2017, section 9.4; a test holds it against the grep of this machine.
 */
import { type Expression, matcherOf } from './posix-automaton.ts';
import { BYTES_OF_CLASS, readBrackets } from './posix-brackets.ts';

/** A pattern that can be matched, or a sentence that says what is wrong with it. */
export type PosixPattern =
  | { readonly ok: true; readonly groups: number; readonly match: LineMatch }
  | { readonly ok: false; readonly sentence: string };

/**
 * Looks for the first match in one line.
 *
 * @returns what the whole pattern matched, the leftmost and then longest text, as POSIX
 *   has it; then each of its groups (undefined: took no part), which may be divided in
 *   another way than by POSIX where several lead to that text. undefined when the line
 *   does not match
 */
export type LineMatch = (line: string) => readonly (string | undefined)[] | undefined;

/** Stops reading a pattern; never leaves this file. */
class NotPosix extends Error {}

/** POSIX's RE_DUP_MAX: more repetitions are not taken everywhere. */
const MOST_REPEATS = 255;

/** Read a POSIX extended regular expression. Pure. */
export function posixPattern(pattern: string): PosixPattern {
  try {
    const { expression, groups } = read(asBytes(pattern));
    const match = matcherOf(expression, groups);
    if (match === undefined) throw new NotPosix(`${pattern} comes to too many repetitions; write fewer`);
    return { ok: true, groups, match: (line) => match(asBytes(line))?.map(fromBytes) };
  } catch (error) {
    if (error instanceof NotPosix) return { ok: false, sentence: fromBytes(error.message) ?? '' };
    throw error;
  }
}

/** Whether a line of a text matches; never for a pattern that is not one. */
export function matchesALine(pattern: string, text: string): boolean {
  const read = posixPattern(pattern);
  return read.ok && text.split('\n').some((line) => read.match(line) !== undefined);
}

/** Text as its UTF-8 bytes, one character each: the C locale knows no others. */
function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function fromBytes(bytes: string | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes, 'latin1').toString('utf8');
}

function read(pattern: string): { readonly expression: Expression; readonly groups: number } {
  const unreadable = /[\n\0]/.exec(pattern)?.[0];
  if (unreadable === '\n') throw new NotPosix('spans several lines; a pattern is matched line by line');
  if (unreadable !== undefined) throw new NotPosix('holds a NUL, which no pattern can');
  const reader = { pattern, at: 0, groups: 0 };
  const expression = alternatives(reader);
  if (reader.at < pattern.length) throw new NotPosix(`${pattern} has a ) without its (; write \\)`);
  return { expression, groups: reader.groups };
}

interface Reader {
  readonly pattern: string;
  at: number;
  groups: number;
}

function alternatives(reader: Reader): Expression {
  const branches = [branch(reader)];
  while (reader.pattern[reader.at] === '|') {
    reader.at++;
    branches.push(branch(reader));
  }
  return { is: 'either', of: branches };
}

function branch(reader: Reader): Expression {
  const { pattern } = reader;
  const pieces: Expression[] = [];
  while (reader.at < pattern.length && pattern[reader.at] !== '|' && pattern[reader.at] !== ')') {
    const piece = atom(reader);
    const sign = pattern[reader.at] ?? '';
    const repeats = repetition(reader);
    if (repeats !== undefined && (piece.is === 'begin' || piece.is === 'end')) {
      throw new NotPosix(nothingToRepeat(pattern, sign));
    }
    if (repeats !== undefined && repetition(reader) !== undefined) {
      throw new NotPosix(`${pattern} repeats a repetition; put the first in brackets, as in (a+)?`);
    }
    pieces.push(repeats === undefined ? piece : { is: 'repeat', of: piece, ...repeats });
  }
  if (pieces.length > 0) return { is: 'sequence', of: pieces };
  throw new NotPosix(`${pattern} has an empty alternative or group; write (a|b)? for one that may be absent`);
}

function atom(reader: Reader): Expression {
  const { pattern } = reader;
  const sign = pattern[reader.at] ?? '';
  if ('*+?{'.includes(sign)) throw new NotPosix(nothingToRepeat(pattern, sign));
  if (sign === '(') return group(reader);
  if (sign === '[') return brackets(reader);
  reader.at++;
  if (sign === '\\') return escaped(reader);
  if (sign === '.') return { is: 'byte', among: bytesWhere(() => true) };
  if (sign === '^') return { is: 'begin' };
  return sign === '$' ? { is: 'end' } : byte(sign);
}

function nothingToRepeat(pattern: string, sign: string): string {
  return `${pattern} has a ${sign} with nothing before it to repeat; write \\${sign} where it stands for itself`;
}

function group(reader: Reader): Expression {
  reader.at++;
  const number = ++reader.groups;
  if (reader.pattern[reader.at] === '?') {
    throw new NotPosix(`${reader.pattern} uses (?, which POSIX extended regular expressions have not`);
  }
  const inside = alternatives(reader);
  if (reader.pattern[reader.at] !== ')') {
    throw new NotPosix(`not a regular expression: a ( without its ) in ${reader.pattern}`);
  }
  reader.at++;
  return { is: 'group', number, of: inside };
}

function brackets(reader: Reader): Expression {
  const found = readBrackets(reader.pattern, reader.at + 1);
  if ('sentence' in found) throw new NotPosix(`${reader.pattern} ${found.sentence}`);
  reader.at = found.end;
  const named = new Set(found.bytes);
  return { is: 'byte', among: bytesWhere((sign) => named.has(sign) !== found.not) };
}

/** Letters and digits after a backslash are other dialects' signs, and so are GNU's \< \> \` and \'. */
function escaped(reader: Reader): Expression {
  const { pattern } = reader;
  const sign = pattern[reader.at++];
  if (sign === undefined) {
    throw new NotPosix(`${pattern} ends in a backslash; write it twice where it stands for itself`);
  }
  if (BYTES_OF_CLASS.alnum.includes(sign) || "<>`'".includes(sign)) {
    throw new NotPosix(`${pattern} uses \\${sign}, which POSIX has not${INSTEAD[sign] ?? ''}`);
  }
  return byte(sign);
}

const INSTEAD: Readonly<Record<string, string>> = {
  d: '; write a class such as [0-9]',
  D: '; write a class such as [^0-9]',
  s: '; write a class such as [[:space:]]',
  S: '; write a class such as [^[:space:]]',
  w: '; write a class such as [[:alnum:]_]',
  W: '; write a class such as [^[:alnum:]_]',
  t: '; write [[:blank:]] or the tab itself',
};

interface Repeats {
  readonly least: number;
  readonly most: number | null;
}

const SIGNS: Readonly<Record<string, Repeats>> = {
  '*': { least: 0, most: null },
  '+': { least: 1, most: null },
  '?': { least: 0, most: 1 },
};

/** `*`, `+`, `?` or an interval; undefined where there is none. */
function repetition(reader: Reader): Repeats | undefined {
  const { pattern } = reader;
  const sign = pattern[reader.at] ?? '';
  const repeats = SIGNS[sign];
  if (repeats !== undefined) reader.at++;
  if (sign !== '{') return repeats;
  const found = /^\{([0-9]+)(,([0-9]*))?\}/.exec(pattern.slice(reader.at));
  if (found === null) {
    throw new NotPosix(
      `${pattern} has a { that begins no interval such as {2,3}; write \\{ for the sign itself`,
    );
  }
  const [written, from = '', to, end = ''] = found;
  const least = Number(from);
  const most = to === undefined ? least : end === '' ? null : Number(end);
  if (Math.max(least, most ?? 0) > MOST_REPEATS) {
    throw new NotPosix(`${pattern} repeats more than ${MOST_REPEATS} times, which is not taken everywhere`);
  }
  if (most !== null && least > most) {
    throw new NotPosix(`${pattern} has the interval ${written}, whose end is before its beginning`);
  }
  reader.at += written.length;
  return { least, most };
}

function byte(sign: string): Expression {
  return { is: 'byte', among: bytesWhere((one) => one === sign) };
}

function bytesWhere(is: (sign: string) => boolean): readonly boolean[] {
  return Array.from({ length: 256 }, (_, code) => is(String.fromCharCode(code)));
}
