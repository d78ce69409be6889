import { terminalWidth } from './table.ts';

/** Sentences for people on standard error: on a terminal broken between words, else as they are. */
export function complain(text: string): void {
  const { isTTY, columns } = process.stderr;
  const lines = text.split('\n');
  const shown = isTTY ? lines.map((line) => wrapped(line, '', columns || 80)) : lines;
  process.stderr.write(`${shown.join('\n')}\n`);
}

/** Text in lines of at most `width`, each behind `indent`; a word longer than that has a line of its own. */
export function wrapped(text: string, indent: string, width = terminalWidth()): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((one) => `${indent}${one}`.trimEnd()).join('\n');
}
