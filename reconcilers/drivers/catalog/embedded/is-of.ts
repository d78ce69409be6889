import type { CatalogFile } from '../../../ports/catalog.ts';
import type { Condition } from './definitions.ts';
import type { Pattern } from './query-tokens.ts';

/** The fields conditions are about. */
export type Queried = Pick<CatalogFile, 'name' | 'dataTier' | 'run'>;

/** Without regular expressions: a pattern of many wildcards takes no longer than its text. */
function matches(pattern: Pattern, text: string): boolean {
  const [first = '', ...rest] = pattern;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;

  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** Whether a file is of a condition: what `querySql` says in SQL, for files in memory. Pure. */
export function isOf(condition: Condition, file: Queried): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.of.every((part) => isOf(part, file));
    case 'or':
      return condition.of.some((part) => isOf(part, file));
    case 'not':
      return !isOf(condition.of, file);
    case 'run': {
      const { run } = file;
      return run !== null && condition.ranges.some(([first, last]) => first <= run && run <= last);
    }
    default: {
      const text = condition.kind === 'tier' ? file.dataTier : file.name;
      return text !== null && condition.patterns.some((pattern) => matches(pattern, text));
    }
  }
}
