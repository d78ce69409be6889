/** What is told once: the specs are read anew at every change, and what is wrong with one stays wrong. */
import type { Log } from './log.ts';

export interface NewsLine {
  readonly text: string;
  readonly level: 'info' | 'error';
  readonly fields?: object;
}

export interface News {
  /** Tells those of the lines that were not among the last ones. */
  tell(lines: readonly NewsLine[]): void;
}

/** `newsOf` tells a log what is new in each look. */
export function newsOf(log: Pick<Log, 'info' | 'error'>): News {
  let told: ReadonlySet<string> = new Set();
  return {
    tell(lines) {
      for (const { text, level, fields } of lines) if (!told.has(text)) log[level](text, fields);
      told = new Set(lines.map(({ text }) => text));
    },
  };
}
