import { DriverError } from '../../../ports/errors.ts';

/**
 * A text with wildcards: its literal pieces, with any run of characters between
 * two of them. One piece is a text without wildcards.
 */
export type Pattern = readonly string[];

/** A word, or one of `( ) ,`. Columns are 1-based. */
export type Token =
  | { readonly kind: 'word'; readonly pattern: Pattern; readonly quoted: boolean; readonly column: number }
  | { readonly kind: '(' | ')' | ',' | 'end'; readonly column: number };

/** A query's text is wrong at a column. */
export function queryError(column: number, sentence: string): DriverError {
  return new DriverError('rejected', `column ${column}: ${sentence}`);
}

/** How a token is called in a message. */
export function shown(token: Token): string {
  if (token.kind === 'end') return 'the end of the query';
  return token.kind === 'word' ? `'${token.pattern.join('%')}'` : `'${token.kind}'`;
}

interface Word {
  readonly pattern: Pattern;
  /** The index after the word. */
  readonly end: number;
}

/** Read literal characters, `\` escapes and `%` from `start` until `ends` says so. */
function readWord(text: string, start: number, ends: (char: string) => boolean): Word {
  const pieces: string[] = [];
  let piece = '';
  let at = start;
  for (; at < text.length && !ends(text.charAt(at)); at++) {
    const char = text.charAt(at);
    if (char === '%') {
      pieces.push(piece);
      piece = '';
    } else if (char === '\\') {
      at++;
      if (at === text.length) throw queryError(at, "a '\\' must be followed by the character it protects");
      piece += text.charAt(at);
    } else piece += char;
  }
  return { pattern: [...pieces, piece], end: at };
}

function quotedWord(text: string, start: number): Word {
  const quote = text.charAt(start);
  const { pattern, end } = readWord(text, start + 1, (char) => char === quote);
  if (end === text.length) throw queryError(start + 1, `the quote ${quote} that opens here is never closed`);
  return { pattern, end: end + 1 };
}

/**
 * A query's words and signs, ended by a token of kind `end`.
 *
 * @throws DriverError `rejected`, with the column, for an open quote, a `\` at
 *   the end, and characters that no name can have (NUL, half of a surrogate pair)
 */
export function queryTokens(text: string): readonly Token[] {
  const unusable = text.search(/\0|\p{Surrogate}/u);
  if (unusable >= 0) throw queryError(unusable + 1, 'this character cannot be part of a name; take it out');

  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    const column = at + 1;
    if (/\s/.test(char)) at++;
    else if (char === '(' || char === ')' || char === ',') {
      tokens.push({ kind: char, column });
      at++;
    } else {
      const quoted = char === "'" || char === '"';
      const word = quoted ? quotedWord(text, at) : readWord(text, at, (next) => /[\s(),'"]/.test(next));
      tokens.push({ kind: 'word', pattern: word.pattern, quoted, column });
      at = word.end;
    }
  }
  return [...tokens, { kind: 'end', column: text.length + 1 }];
}
