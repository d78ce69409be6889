import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from 'yaml';
import type { SpecDocument } from './document.ts';
import { DEEPEST, plainValue } from './plain-value.ts';
import type { SpecProblem } from './types.ts';
import { withWrittenTexts } from './written-texts.ts';

/** The documents of one file that can be read, and what is wrong with the others. */
export interface ParsedFile {
  readonly documents: readonly SpecDocument[];
  readonly problems: readonly SpecProblem[];
}

/** More signs, words and line ends than any spec has; the parser takes a second for so many. */
const MOST_PIECES = 400_000;

/** Problems of one file that are shown; the rest are most likely their echoes. */
const MOST_SYNTAX_PROBLEMS = 5;

/**
 * Read the text of one file as YAML documents.
 *
 * Pure, and never throws whatever the text is: its size is bounded in pieces, depth and what its
 * aliases stand for. Empty documents are left out; a file of nothing else is a problem.
 */
export function parseSpecs(file: string, text: string): ParsedFile {
  try {
    return parsed(file, text);
  } catch (error) {
    // No text is known on which the library throws; if there is one, it must not stop the other files.
    return { documents: [], problems: [whole(file, `cannot be read as YAML (${String(error)})`)] };
  }
}

function parsed(file: string, text: string): ParsedFile {
  const lines = new LineCounter();
  const tokens = tokensOf(text, lines);
  if (tokens === undefined) {
    return {
      documents: [],
      problems: [whole(file, 'holds far more than a spec does; put long lists into a file of their own')],
    };
  }
  if (tooDeep(tokens)) {
    return { documents: [], problems: [whole(file, `nested more than ${DEEPEST} levels deep`)] };
  }

  // Keys are held against each other here: the library compares each with each.
  const options = { merge: true, stringKeys: true, uniqueKeys: false } as const;
  const composer = new Composer({ lineCounter: lines, ...options, logLevel: 'error' });
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

/** The parser's tokens; undefined where there are too many. */
function tokensOf(text: string, lines: LineCounter): readonly CST.Token[] | undefined {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  let pieces = 0;
  for (const piece of new Lexer().lex(text)) {
    if (++pieces > MOST_PIECES) return undefined;
    for (const token of parser.next(piece)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
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
  const read = plainValue(tree);
  if (!read.ok) return { problems: [at(file, lines, read.offset, read.sentence)] };
  return {
    file,
    line: Math.max(1, lines.linePos(begin).line),
    tree,
    lines,
    aliases: read.aliases,
    value: withWrittenTexts(tree, read.value),
  };
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
