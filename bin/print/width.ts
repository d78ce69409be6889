/** How wide texts are on a terminal, and how they are made to fit. */

const PLAIN = /^[\x20-\x7e]*$/;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters that take two columns: East Asian wide and full-width ones, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

/** `widthOf` counts the columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (/^[\p{M}\p{Cc}\p{Cf}]+$/u.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/** `cut` shortens a line to at most `width` columns; it ends in … where it was longer. */
export function cut(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${startOf(text, width - 1)}…`;
}

/** `shortened` shortens a name to at most `width` columns by leaving out its middle, for which … stands. */
export function shortened(name: string, width: number): string {
  if (widthOf(name) <= width) return name;
  const start = Math.ceil((width - 1) / 2);
  return `${startOf(name, start)}…${endOf(name, width - 1 - start)}`;
}

function startOf(text: string, width: number): string {
  return within(unitsOf(text), width).join('');
}

function endOf(text: string, width: number): string {
  return within(unitsOf(text).toReversed(), width).toReversed().join('');
}

/** What is not cut apart: characters with their marks, and escapes as `shown` writes them. */
function unitsOf(text: string): readonly string[] {
  if (PLAIN.test(text) && !text.includes('\\')) return [...text];
  return text
    .split(/(\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]+\}|.))/u)
    .flatMap((part, at) =>
      at % 2 === 1 ? [part] : Array.from(graphemes.segment(part), ({ segment }) => segment),
    );
}

/** The first of the units, as many as fit. */
function within(list: readonly string[], width: number): readonly string[] {
  let left = width;
  const at = list.findIndex((one) => {
    left -= widthOf(one);
    return left < 0;
  });
  return at < 0 ? list : list.slice(0, at);
}

/** `padded` fills a cell up to `width` columns, on the left where it is aligned to the right. */
export function padded(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? `${blanks}${text}` : `${text}${blanks}`;
}
