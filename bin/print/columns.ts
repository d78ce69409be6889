/** Rows as aligned columns, made to fit a terminal without leaving a column out. */
import { cut, padded, shortened, widthOf } from './width.ts';

/** One column of a table. */
export interface Column {
  readonly head: string;
  /** Numbers stand on the right. */
  readonly align?: 'left' | 'right';
  /** How a cell is made shorter: a name loses its middle, a sentence its end. Left out: not at all. */
  readonly shorten?: 'middle' | 'end';
  /** A column that may be shortened keeps this width. */
  readonly least?: number;
  /** Its share of what is left, among those that are shortened; 1 where it is left out. */
  readonly share?: number;
}

/** Between two columns; where it is tight, one. */
const GAPS = [2, 1] as const;

/** `SHORTEST_HEAD` is how short the head of a column of short cells may become. */
const SHORTEST_HEAD = 4;

/**
 * `inColumns` aligns rows below the heads of their columns.
 *
 * Where a row is wider than `width`, names and sentences are shortened, the widest first;
 * if that is not enough, the gaps and then the heads as well. No column is left out.
 *
 * @param width  columns of the terminal; Infinity where nothing is to be shortened
 */
export function inColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const heads = columns.map(({ head }) => head);
  const cells = columns.map((_, at) => rows.reduce((most, row) => Math.max(most, widthOf(row[at] ?? '')), 0));
  const natural = cells.map((cell, at) => Math.max(cell, widthOf(heads[at] ?? '')));
  const { widths, gap } = fitted(columns, natural, cells, width);
  const line = (row: readonly string[], isHead: boolean) =>
    row
      .map((cell, at) => {
        const column = columns[at];
        const of = widths[at] ?? 0;
        const short = !isHead && column?.shorten === 'middle' ? shortened(cell, of) : cut(cell, of);
        return padded(short, of, column?.align ?? 'left');
      })
      .join(' '.repeat(gap))
      .trimEnd();
  return [line(heads, true), ...rows.map((row) => line(row, false))].join('\n');
}

interface Fitted {
  readonly widths: readonly number[];
  readonly gap: number;
}

/** The widths of columns that fit, or come as close as they can. */
function fitted(
  columns: readonly Column[],
  natural: readonly number[],
  cells: readonly number[],
  width: number,
): Fitted {
  const least = columns.map((column, at) => {
    const whole = natural[at] ?? 0;
    return column.shorten === undefined ? whole : Math.min(whole, column.least ?? SHORTEST_HEAD);
  });
  for (const gap of GAPS) {
    const room = width - gap * (columns.length - 1);
    if (sum(natural) <= room) return { widths: natural, gap };
    if (sum(least) <= room) return { widths: level(columns, natural, least, room), gap };
  }
  const [, gap] = GAPS;
  const tight = least.map((one, at) =>
    columns[at]?.shorten === undefined ? Math.min(one, Math.max(SHORTEST_HEAD, cells[at] ?? 0)) : one,
  );
  return { widths: level(columns, least, tight, width - gap * (columns.length - 1)), gap };
}

/** Take from the widest, by their shares, until all fit into the room; none gets less than its least. */
function level(
  columns: readonly Column[],
  natural: readonly number[],
  least: readonly number[],
  room: number,
): readonly number[] {
  const widths = [...natural];
  for (let over = sum(widths) - room; over > 0; over--) {
    const [widest] = columns
      .map((column, at) => ({ at, width: (widths[at] ?? 0) / (column.share ?? 1) }))
      .filter(({ at }) => (widths[at] ?? 0) > (least[at] ?? 0))
      .sort((a, b) => b.width - a.width);
    if (widest === undefined) break;
    widths[widest.at] = (widths[widest.at] ?? 0) - 1;
  }
  return widths;
}

const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);
