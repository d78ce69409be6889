/**
 * The one dialect of regular expressions in specs: POSIX extended regular expressions
 * as `LC_ALL=C grep -E` has them, matched line by line and byte by byte.
 *
 * What POSIX leaves undefined is refused, because grep, sed and awk differ there: so a
 * pattern means the same on every worker node and in this program. The grammar is that
 * of POSIX.1-2017, section 9.4; a test holds it against the grep of this machine.
 */
import { BYTES_OF_CLASS, readBrackets } from './posix-brackets.ts';

/** A pattern that can be matched, or a sentence that says what is wrong with it. */
export type PosixPattern =
  | { readonly ok: true; readonly groups: number; readonly match: LineMatch }
  | { readonly ok: false; readonly sentence: string };

/**
 * Looks for the first match in one line.
 *
 * @returns what the whole pattern matched, then each of its groups (undefined: took no
 *   part); undefined when the line does not match. Whether and where it begins to match is
 *   as POSIX has it; of several ways to match from there the first that is written is
 *   taken, where POSIX takes the longest: `(1|12)` finds 1 in 12
 */
export type LineMatch = (line: string) => readonly (string | undefined)[] | undefined;

/** Stops reading a pattern; never leaves this file. */
class NotPosix extends Error {}

/** POSIX's RE_DUP_MAX: more repetitions are not taken everywhere. */
const MOST_REPEATS = 255;

/** Read a POSIX extended regular expression. Pure. */
export function posixPattern(pattern: string): PosixPattern {
  try {
    const { source, groups } = read(asBytes(pattern));
    const regExp = new RegExp(source);
    return { ok: true, groups, match: (line) => regExp.exec(asBytes(line))?.map(fromBytes) };
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

function read(pattern: string): { readonly source: string; readonly groups: number } {
  const unreadable = /[\n\0]/.exec(pattern)?.[0];
  if (unreadable === '\n') throw new NotPosix('spans several lines; a pattern is matched line by line');
  if (unreadable !== undefined) throw new NotPosix('holds a NUL, which no pattern can');
  const reader = { pattern, at: 0, groups: 0 };
  const source = alternatives(reader);
  if (reader.at < pattern.length) throw new NotPosix(`${pattern} has a ) without its (; write \\)`);
  return { source, groups: reader.groups };
}

interface Reader {
  readonly pattern: string;
  at: number;
  groups: number;
}

function alternatives(reader: Reader): string {
  const branches = [branch(reader)];
  while (reader.pattern[reader.at] === '|') {
    reader.at++;
    branches.push(branch(reader));
  }
  return branches.join('|');
}

function branch(reader: Reader): string {
  const { pattern } = reader;
  let source = '';
  while (reader.at < pattern.length && pattern[reader.at] !== '|' && pattern[reader.at] !== ')') {
    const anchor = '^$'.includes(pattern[reader.at] ?? '');
    const piece = atom(reader);
    const repeats = repetition(reader);
    if (anchor && repeats !== '') throw new NotPosix(nothingToRepeat(pattern, repeats));
    if (repeats !== '' && repetition(reader) !== '') {
      throw new NotPosix(`${pattern} repeats a repetition; put the first in brackets, as in (a+)?`);
    }
    source += piece + repeats;
  }
  if (source !== '') return source;
  throw new NotPosix(`${pattern} has an empty alternative or group; write (a|b)? for one that may be absent`);
}

function atom(reader: Reader): string {
  const { pattern } = reader;
  const sign = pattern[reader.at] ?? '';
  if ('*+?{'.includes(sign)) throw new NotPosix(nothingToRepeat(pattern, sign));
  if (sign === '(') return group(reader);
  if (sign === '[') return brackets(reader);
  reader.at++;
  if (sign === '\\') return escaped(reader);
  if (sign === '.') return '[^]';
  return '^$'.includes(sign) ? sign : byte(sign);
}

function nothingToRepeat(pattern: string, sign: string): string {
  const first = sign.charAt(0);
  return `${pattern} has a ${first} with nothing before it to repeat; write \\${first} where it stands for itself`;
}

function group(reader: Reader): string {
  reader.at++;
  reader.groups++;
  if (reader.pattern[reader.at] === '?') {
    throw new NotPosix(`${reader.pattern} uses (?, which POSIX extended regular expressions have not`);
  }
  const inside = alternatives(reader);
  if (reader.pattern[reader.at] !== ')') {
    throw new NotPosix(`not a regular expression: a ( without its ) in ${reader.pattern}`);
  }
  reader.at++;
  return `(${inside})`;
}

function brackets(reader: Reader): string {
  const found = readBrackets(reader.pattern, reader.at + 1);
  if ('sentence' in found) throw new NotPosix(`${reader.pattern} ${found.sentence}`);
  reader.at = found.end;
  return `[${found.not ? '^' : ''}${found.bytes.map(byte).join('')}]`;
}

/** Letters and digits after a backslash are other dialects' signs, and so are GNU's \< \> \` and \'. */
function escaped(reader: Reader): string {
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

/** `*`, `+`, `?` or an interval; empty where there is none. */
function repetition(reader: Reader): string {
  const { pattern } = reader;
  const sign = pattern[reader.at] ?? '';
  if (sign !== '' && '*+?'.includes(sign)) {
    reader.at++;
    return sign;
  }
  if (sign !== '{') return '';
  const found = /^\{([0-9]+)(,([0-9]*))?\}/.exec(pattern.slice(reader.at));
  if (found === null) {
    throw new NotPosix(
      `${pattern} has a { that begins no interval such as {2,3}; write \\{ for the sign itself`,
    );
  }
  const [written, least = '', , most = ''] = found;
  if (Number(least) > MOST_REPEATS || Number(most) > MOST_REPEATS) {
    throw new NotPosix(`${pattern} repeats more than ${MOST_REPEATS} times, which is not taken everywhere`);
  }
  if (most !== '' && Number(least) > Number(most)) {
    throw new NotPosix(`${pattern} has the interval ${written}, whose end is before its beginning`);
  }
  reader.at += written.length;
  return written;
}

/** One byte as JavaScript writes it, whatever it means there. */
function byte(sign: string): string {
  return `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
