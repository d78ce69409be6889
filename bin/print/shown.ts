/**
 * Names as any terminal can show them and any keyboard can type them.
 *
 * A file may be called anything but `/`: an escape sequence in its name would move the cursor of
 * whoever lists it, a newline would make two lines of one, an override of the writing direction
 * would make one name look like another.
 */

/** What is not shown as it is: controls, invisible marks, odd spaces, halves of pairs, what was no UTF-8. */
const UNSHOWABLE = String.raw`\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufffd`;

const IN_NAMES = new RegExp(`[${UNSHOWABLE}\\\\]`, 'gu');
const IN_TEXTS = new RegExp(`[${UNSHOWABLE}]`, 'gu');

/** Letters that stand for a character behind a backslash, as in C and in `$'…'`. */
const LETTERS: Readonly<Record<string, string>> = {
  '\\': '\\',
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  v: '\v',
};

/** Those that `shown` writes; the others it writes as numbers. */
const WRITTEN = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\r', '\\r'],
]);

/** `shown` gives a name for people, with a backslash before what it escapes; no two are shown alike. */
export function shown(name: string): string {
  return name.replace(IN_NAMES, escaped).replace(/^ | $|(?<= ) /g, '\\x20');
}

/** `oneLine` makes a sentence safe to show: like `shown`, but a backslash in it stays one. */
export function oneLine(sentence: string): string {
  return sentence.replace(IN_TEXTS, escaped);
}

/** `safeText` makes a text of several lines safe to show; its newlines and tabs stay. */
export function safeText(text: string): string {
  return text.replace(IN_TEXTS, (one) => (one === '\n' || one === '\t' ? one : escaped(one)));
}

/** `safeJson` escapes in JSON what a terminal should not get, as JSON lets one: the value stays the same. */
export function safeJson(json: string): string {
  return json.replace(/[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu, (one) =>
    Array.from({ length: one.length }, (_, at) => `\\u${hex(one.charCodeAt(at), 4)}`).join(''),
  );
}

/**
 * `namesMeant` lists the names that a typed one may mean: itself, and what its escapes stand for.
 *
 * @returns one name, or two where escapes were typed
 */
export function namesMeant(typed: string): readonly string[] {
  const read = unescaped(typed);
  return read === undefined || read === typed ? [typed] : [typed, read];
}

function escaped(one: string): string {
  const code = one.codePointAt(0) ?? 0;
  const written = WRITTEN.get(one);
  if (written !== undefined) return written;
  if (code < 0x100) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
}

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');

const ESCAPE = /\\(?:([\\ntrabefv])|x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|([0-7]{3}))/gi;

/** @returns undefined where a backslash begins no escape, so that the text has none */
function unescaped(typed: string): string | undefined {
  const rest = typed.replace(ESCAPE, '');
  if (rest.includes('\\')) return undefined;
  return typed.replace(ESCAPE, (_, letter, two, four, braced, octal) => {
    if (letter !== undefined) return LETTERS[String(letter).toLowerCase()] ?? '';
    const code = octal === undefined ? Number.parseInt(two ?? four ?? braced, 16) : Number.parseInt(octal, 8);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}
