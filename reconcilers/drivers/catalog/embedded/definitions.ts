import { DriverError } from '../../../ports/errors.ts';
import { type DefinitionTerm, parseQuery, type Query, type Term, type Tree } from './query.ts';

/** A query without definitions in it: nothing but conditions on a file. */
export type Condition = Tree<Term>;

/** Definitions of definitions can double at every step; more terms than this are nobody's intent. */
const MOST_TERMS = 10_000;

/** PostgreSQL reads a condition by recursion, as we do. */
const DEEPEST = 200;

function rejected(place: string, error: unknown): unknown {
  if (!(error instanceof DriverError) || error.code !== 'rejected') return error;
  return new DriverError('rejected', `${place}: ${error.message}`, { cause: error });
}

function parsed(source: string, place: string): Query {
  try {
    return parseQuery(source);
  } catch (error) {
    throw rejected(place, error);
  }
}

/** Resolves names of one query, counting the terms it comes to. */
function resolver(definitions: Readonly<Record<string, string>>) {
  let terms = 0;

  function named({ name, column }: DefinitionTerm, path: readonly string[], depth: number): Condition {
    const text = path.length > 0 ? `definition ${path[path.length - 1]}` : 'query';
    const where = column > 0 ? `${text}: column ${column}: ` : '';
    const source = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (source === undefined) {
      const known = Object.keys(definitions).sort().slice(0, 20).join(', ') || 'none';
      throw new DriverError('rejected', `${where}definition ${name} is not known; known: ${known}`);
    }
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name].join(' -> ');
      throw new DriverError('rejected', `${where}definition ${name} is defined by itself: ${circle}`);
    }
    return within(parsed(source, `definition ${name}`), [...path, name], depth + 1);
  }

  function within(query: Query, path: readonly string[], depth: number): Condition {
    if (depth > DEEPEST) {
      throw new DriverError(
        'rejected',
        `the query is nested more than ${DEEPEST} deep, definitions included`,
      );
    }
    if (++terms > MOST_TERMS) {
      throw new DriverError(
        'rejected',
        `the query comes to more than ${MOST_TERMS} terms; use ranges or wildcards`,
      );
    }
    switch (query.kind) {
      case 'and':
      case 'or':
        return { kind: query.kind, of: query.of.map((part) => within(part, path, depth + 1)) };
      case 'not':
        return { kind: 'not', of: within(query.of, path, depth + 1) };
      case 'definition':
        return named(query, path, depth);
      default:
        return query;
    }
  }

  return { named, within };
}

/**
 * The condition a query text stands for, its definitions put in. Pure.
 *
 * @throws DriverError `rejected` for a text that does not parse (with the place),
 *   an unknown definition, and one that is defined by itself
 */
export function queryCondition(source: string, definitions: Readonly<Record<string, string>>): Condition {
  return resolver(definitions).within(parsed(source, 'query'), [], 0);
}

/** The condition a definition stands for. Throws as `queryCondition` does. */
export function definitionCondition(name: string, definitions: Readonly<Record<string, string>>): Condition {
  return resolver(definitions).named({ kind: 'definition', name, column: 0 }, [], 0);
}
