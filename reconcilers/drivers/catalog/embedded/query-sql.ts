import type { Condition } from './definitions.ts';
import type { Term } from './query.ts';
import type { Pattern } from './query-tokens.ts';

/** An SQL condition on `files f`, and its parameters. */
export interface SqlCondition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** `\` is what LIKE takes as its escape sign when none is named. */
function likePattern(pattern: Pattern): string {
  return pattern.map((piece) => piece.replace(/[\\%_]/g, '\\$&')).join('%');
}

function termSql(term: Term, parameter: (value: unknown) => string): string {
  if (term.kind === 'run') {
    const first = parameter(term.ranges.map(([start]) => start));
    const last = parameter(term.ranges.map(([, end]) => end));
    return `(f.run IS NOT NULL AND EXISTS (SELECT FROM unnest(${first}::bigint[], ${last}::bigint[])
      AS r(first, last) WHERE f.run BETWEEN r.first AND r.last))`;
  }
  const column = term.kind === 'tier' ? 'f.data_tier' : 'f.name';
  const exact = parameter(term.patterns.filter(({ length }) => length === 1).map(([piece]) => piece));
  const like = parameter(term.patterns.filter(({ length }) => length > 1).map(likePattern));
  return `(${column} IS NOT NULL AND (${column} = ANY (${exact}::text[]) OR ${column} LIKE ANY (${like}::text[])))`;
}

/**
 * The SQL that is true for exactly the files of a condition, and never null. Pure.
 *
 * @param firstParameter  the number of the first `$n` it may use
 */
export function querySql(condition: Condition, firstParameter: number): SqlCondition {
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${firstParameter - 1 + values.push(value)}`;

  function sqlOf(part: Condition): string {
    switch (part.kind) {
      case 'and':
      case 'or':
        return `(${part.of.map(sqlOf).join(part.kind === 'and' ? ' AND ' : ' OR ')})`;
      case 'not':
        return `(NOT ${sqlOf(part.of)})`;
      default:
        return termSql(part, parameter);
    }
  }

  return { sql: sqlOf(condition), values };
}
