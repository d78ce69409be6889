/**
 * The embedded catalog's query language.
 *
 *     query   = and { "or" and }
 *     and     = not { "and" not }
 *     not     = "not" not | "(" query ")" | term
 *     term    = ( "data_tier" | "tier" ) texts
 *             | ( "name" | "file_name" ) texts
 *             | ( "run" | "run_number" ) runs
 *             | ( "definition" | "__set__" ) text
 *     texts   = text { "," text }
 *     runs    = run { "," run }
 *     run     = number | number "-" number            (both ends belong to it)
 *     text    = bare word | 'quoted' | "quoted"
 *
 * Keywords and fields may be in upper case; values are compared as they are
 * written. `%` in a text stands for any run of characters, in quotes as well;
 * `\` takes the next character as it is. A list means any of its values. A text
 * with white space, `( ) ,` or quotes in it, or that is a keyword, is quoted.
 *
 *     data_tier raw and run 1-10,12 and name 'all_%'
 *     __set__ p17-raw and not run_number 4800-4950
 *
 * `not` is everything else: a file without a run is in `not run 1-10`.
 */
import { type Pattern, queryError, queryTokens, shown, type Token } from './query-tokens.ts';

/** Inclusive. */
export type RunRange = readonly [first: number, last: number];

/** One condition on one file. */
export type Term =
  | { readonly kind: 'tier' | 'name'; readonly patterns: readonly Pattern[] }
  | { readonly kind: 'run'; readonly ranges: readonly RunRange[] };

/** A query whose leaves are terms, or whatever `Leaf` adds to them. */
export type Tree<Leaf> =
  | Leaf
  | { readonly kind: 'and' | 'or'; readonly of: readonly Tree<Leaf>[] }
  | { readonly kind: 'not'; readonly of: Tree<Leaf> };

export interface DefinitionTerm {
  readonly kind: 'definition';
  readonly name: string;
  readonly column: number;
}

/** A query as written: definitions are still names. */
export type Query = Tree<Term | DefinitionTerm>;

/** Deeper nesting than anybody writes, far from the end of the stack. */
const DEEPEST = 100;

const FIELDS: Readonly<Record<string, 'tier' | 'name' | 'run' | 'definition' | undefined>> = Object.assign(
  Object.create(null),
  { data_tier: 'tier', tier: 'tier', name: 'name', file_name: 'name' },
  { run: 'run', run_number: 'run', definition: 'definition', __set__: 'definition' },
);

/** What is still to be read. The parser's one state, made anew for each query. */
interface Input {
  readonly peek: () => Token;
  readonly take: () => Token;
}

function inputOf(tokens: readonly Token[]): Input {
  let at = 0;
  const end: Token = tokens[tokens.length - 1] ?? { kind: 'end', column: 1 };
  return { peek: () => tokens[at] ?? end, take: () => tokens[at++] ?? end };
}

/** The keyword a token may be, in lower case; empty for anything that cannot be one. */
function keyword(token: Token): string {
  if (token.kind !== 'word' || token.quoted || token.pattern.length > 1) return '';
  return (token.pattern[0] ?? '').toLowerCase();
}

function listOf<T>(input: Input, item: (input: Input) => T): readonly T[] {
  const items = [item(input)];
  while (input.peek().kind === ',') {
    input.take();
    items.push(item(input));
  }
  return items;
}

function text(input: Input): Pattern {
  const token = input.take();
  if (token.kind !== 'word') throw queryError(token.column, `expected a text, found ${shown(token)}`);
  if (['and', 'or', 'not'].includes(keyword(token))) {
    throw queryError(token.column, `expected a text, found ${shown(token)}; quote it if it is one`);
  }
  return token.pattern;
}

function run(input: Input): RunRange {
  const token = input.take();
  const found = token.kind === 'word' ? /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(token.pattern.join('%')) : null;
  if (!found) throw queryError(token.column, `expected a run or a range such as 1-10, found ${shown(token)}`);

  const first = Number(found[1]);
  const last = Number(found[2] ?? found[1]);
  if (last < first) throw queryError(token.column, `the range ${first}-${last} ends before it starts`);
  return [first, last];
}

function definition(input: Input): DefinitionTerm {
  const { column } = input.peek();
  const [name, ...more] = text(input);
  if (name === undefined || more.length > 0) throw queryError(column, "a definition's name has no wildcards");
  return { kind: 'definition', name, column };
}

function term(input: Input): Query {
  const token = input.take();
  const field = FIELDS[keyword(token)];
  switch (field) {
    case undefined:
      throw queryError(
        token.column,
        `expected data_tier, run, name, definition, not or '(', found ${shown(token)}`,
      );
    case 'run':
      return { kind: 'run', ranges: listOf(input, run) };
    case 'definition':
      return definition(input);
    default:
      return { kind: field, patterns: listOf(input, text) };
  }
}

function negation(input: Input, depth: number): Query {
  const token = input.peek();
  if (depth > DEEPEST)
    throw queryError(token.column, `nested more than ${DEEPEST} deep; make definitions of it`);
  if (keyword(token) === 'not') {
    input.take();
    return { kind: 'not', of: negation(input, depth + 1) };
  }
  if (token.kind !== '(') return term(input);

  input.take();
  const inner = chain(input, depth + 1, 'or');
  const close = input.take();
  if (close.kind !== ')') throw queryError(close.column, `expected and, or or ')', found ${shown(close)}`);
  return inner;
}

function chain(input: Input, depth: number, word: 'or' | 'and'): Query {
  const next = () => (word === 'or' ? chain(input, depth, 'and') : negation(input, depth));
  const first = next();
  const of = [first];
  while (keyword(input.peek()) === word) {
    input.take();
    of.push(next());
  }
  return of.length === 1 ? first : { kind: word, of };
}

/**
 * Read a query. Pure.
 *
 * @throws DriverError `rejected`: `column N: what was expected, what was found`
 */
export function parseQuery(source: string): Query {
  const input = inputOf(queryTokens(source));
  const query = chain(input, 0, 'or');
  const rest = input.take();
  if (rest.kind !== 'end') {
    throw queryError(rest.column, `expected and, or or the end of the query, found ${shown(rest)}`);
  }
  return query;
}
