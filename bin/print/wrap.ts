import { oneLine } from './shown.ts';
import { terminalWidth } from './table.ts';
import { widthOf } from './width.ts';

/** Sentences for people on standard error: on a terminal broken between words, else as they are. */
export function complain(text: string): void {
  const { isTTY, columns } = process.stderr;
  const lines = text.split('\n');
  const shown = isTTY ? lines.map((line) => wrapped(line, '', columns || 80)) : lines;
  process.stderr.write(`${shown.join('\n')}\n`);
}

/**
 * `wrapped` breaks a text between its words into lines of at most `width`, each behind `indent`.
 *
 * A word longer than that has a line of its own. What no terminal shows is escaped first: a newline
 * in a name is not a blank.
 */
export function wrapped(text: string, indent: string, width = terminalWidth()): string {
  const lines: string[] = [];
  let line = '';
  for (const word of oneLine(text).match(/ *[^ ]+/g) ?? []) {
    const longer = `${line}${word}`;
    if (line === '') line = word.trimStart();
    else if (indent.length + widthOf(longer) > width) {
      lines.push(line);
      line = word.trimStart();
    } else line = longer;
  }
  return [...lines, line].map((one) => `${indent}${one}`.trimEnd()).join('\n');
}

/** `hanging` breaks a sentence that stands among others: its further lines are indented by two more. */
export function hanging(text: string, width: number): string {
  const indent = /^ */.exec(text)?.[0] ?? '';
  return indent + wrapped(text, `${indent}  `, width).slice(indent.length + 2);
}
