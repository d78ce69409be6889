import { cut, padded, widthOf } from './width.ts';

/** `table` aligns rows that have no heads; the last column is cut at the terminal's width. */
export function table(rows: readonly (readonly string[])[], width = lineWidth()): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    });
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : padded(cell, widths[column] ?? 0, 'left')))
      .join('  ')
      .trimEnd();
  return rows.map((row) => cut(line(row), width)).join('\n');
}

/** `terminalWidth` is the width to which sentences are wrapped: 80 where the output is no terminal. */
export function terminalWidth(): number {
  return process.stdout.columns || 80;
}

/** `lineWidth` is the width to which lines are cut; they are left whole where the output is no terminal. */
export function lineWidth(): number {
  return process.stdout.isTTY === true ? terminalWidth() : Number.POSITIVE_INFINITY;
}

/** Bytes as people read them, decimal. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return unit === 0 ? `${count} B` : `${value.toFixed(1)} ${units[unit]}`;
}
