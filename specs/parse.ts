import { Composer, type CST, type Document, LineCounter, Parser } from 'yaml';
import type { SpecDocument } from './document.ts';
import type { SpecProblem } from './types.ts';

/** The documents of one file that can be read, and what is wrong with the others. */
export interface ParsedFile {
  readonly documents: readonly SpecDocument[];
  readonly problems: readonly SpecProblem[];
}

/** Deeper than any spec, and far from what the recursive part of the parser survives. */
const DEEPEST = 64;

/** Problems of one file that are shown; the rest are most likely their echoes. */
const MOST_SYNTAX_PROBLEMS = 5;

/**
 * Read the text of one file as YAML documents.
 *
 * Pure, and safe for any text: aliases are bounded, cycles and deep nesting refused.
 * Empty documents are left out; a file of nothing else is a problem.
 */
export function parseSpecs(file: string, text: string): ParsedFile {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  if (tooDeep(tokens)) {
    return { documents: [], problems: [whole(file, `nested more than ${DEEPEST} levels deep`)] };
  }

  const composer = new Composer({ lineCounter: lines, merge: true, stringKeys: true, logLevel: 'error' });
  const documents: SpecDocument[] = [];
  const problems: SpecProblem[] = [];
  for (const tree of composer.compose(tokens, false, text.length)) {
    const found = readDocument(file, tree, lines);
    if ('problems' in found) problems.push(...found.problems);
    else if (found.value !== null) documents.push(found);
  }
  if (documents.length === 0 && problems.length === 0) {
    problems.push(
      whole(file, 'the file is empty; write a document with apiVersion: rereco/v1 or remove the file'),
    );
  }
  return { documents, problems };
}

function readDocument(
  file: string,
  tree: Document.Parsed,
  lines: LineCounter,
): SpecDocument | { readonly problems: readonly SpecProblem[] } {
  // One slip makes several errors at its place; the first names it.
  const errors = [...tree.errors, ...tree.warnings].map((error): [number, typeof error] => [
    error.pos[0],
    error,
  ]);
  const wrong = [...new Map(errors.reverse()).values()].reverse().slice(0, MOST_SYNTAX_PROBLEMS);
  if (wrong.length > 0) {
    return {
      problems: wrong.map((error) =>
        at(file, lines, error.pos[0], `not valid YAML: ${plain(error.message)}`),
      ),
    };
  }

  const begin = tree.contents?.range?.[0] ?? tree.range[0];
  const value = plainValue(tree);
  if ('sentence' in value) return { problems: [at(file, lines, begin, value.sentence)] };
  return { file, line: Math.max(1, lines.linePos(begin).line), tree, lines, value: value.value };
}

function plainValue(tree: Document.Parsed): { readonly value: unknown } | { readonly sentence: string } {
  let value: unknown;
  try {
    value = tree.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // The one documented error of toJS is a ReferenceError about aliases.
    if (!(error instanceof ReferenceError)) throw error;
    if (error.message.startsWith('Unresolved alias'))
      return { sentence: `not valid YAML: ${plain(error.message)}` };
    return { sentence: 'its aliases expand to too much, or to themselves; write the values out' };
  }
  return endless(value, 0)
    ? { sentence: `an anchor holds itself, or nests more than ${DEEPEST} levels deep` }
    : { value };
}

function endless(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth > DEEPEST || Object.values(value).some((below) => endless(below, depth + 1));
}

/** Measured on the tokens, without recursion: composing too deep a tree ends the process, not the call. */
function tooDeep(tokens: readonly CST.Token[]): boolean {
  const todo: { readonly token: CST.Token | null | undefined; readonly depth: number }[] = tokens.map(
    (token) => ({
      token,
      depth: 0,
    }),
  );
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { token, depth } = next;
    if (depth > DEEPEST) return true;
    if (token?.type === 'document') todo.push({ token: token.value, depth: depth + 1 });
    if (!token || !('items' in token)) continue;
    for (const item of token.items) {
      todo.push({ token: item.key, depth: depth + 1 }, { token: item.value, depth: depth + 1 });
    }
  }
  return false;
}

function at(file: string, lines: LineCounter, offset: number, sentence: string): SpecProblem {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col), path: '', sentence };
}

function whole(file: string, sentence: string): SpecProblem {
  return { file, line: 1, column: 1, path: '', sentence };
}

function plain(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
