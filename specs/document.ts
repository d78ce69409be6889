/**
 * One YAML document of a spec file, with what is needed to point into it.
 */
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import { type Aliases, DEEPEST, isMergeKey } from './plain-value.ts';
import type { SpecProblem } from './types.ts';

/** Keys and indexes from the root of a document. */
export type Path = readonly (string | number)[];

/** Something wrong at a path; `at: 'key'` points at the key itself, as for an unknown field. */
export interface Issue {
  readonly path: Path;
  readonly sentence: string;
  readonly at?: 'key';
}

/** One document with its file. */
export interface SpecDocument {
  /** Absolute path of the file. */
  readonly file: string;
  /** 1-based line at which the document starts. */
  readonly line: number;
  readonly tree: Document.Parsed;
  readonly lines: LineCounter;
  readonly aliases: Aliases;
  /** The document's plain value; where a field takes text, what stands in the file. */
  readonly value: unknown;
}

/** A path as people write it: `spec.movers[0].from`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/**
 * An issue with its place in the file.
 *
 * A scalar is pointed at by its value, a list or map by its key, and what is not there
 * by the nearest thing around it that is.
 */
export function placed(document: SpecDocument, issue: Issue): SpecProblem {
  const offset = offsetOf(document, issue);
  const { line, col } =
    offset === undefined ? { line: document.line, col: 1 } : document.lines.linePos(offset);
  return {
    file: document.file,
    line: Math.max(1, line),
    column: Math.max(1, col),
    path: pathText(issue.path),
    sentence: issue.sentence,
  };
}

function offsetOf({ tree, aliases }: SpecDocument, issue: Issue): number | undefined {
  let node: unknown = tree.contents;
  let offset = start(node);
  for (const [depth, part] of issue.path.entries()) {
    const below = child(resolved(node, aliases), part, aliases);
    if (below === undefined) return offset;

    const last = depth === issue.path.length - 1;
    const pointAtValue = (isScalar(below.value) || isAlias(below.value)) && !(last && issue.at === 'key');
    offset =
      (pointAtValue ? written(below.value) : undefined) ?? start(below.key) ?? start(below.value) ?? offset;
    node = below.value;
  }
  return offset;
}

interface Child {
  readonly key: unknown;
  readonly value: unknown;
}

/** What a list or map has under an index or key; what a map merges is its own, too. */
function child(node: unknown, part: string | number, aliases: Aliases, depth = 0): Child | undefined {
  if (isSeq(node) && typeof part === 'number') return { key: undefined, value: node.items[part] };
  if (!isMap(node)) return undefined;
  const pairs = node.items.filter((pair) => isPair(pair));
  const own = pairs.find(
    ({ key }) => isScalar(key) && !isMergeKey(key) && String(key.value) === String(part),
  );
  if (own !== undefined || depth > DEEPEST) return own;
  for (const { key, value } of pairs) {
    if (!isMergeKey(key)) continue;
    const source = resolved(value, aliases);
    for (const map of isSeq(source) ? source.items : [source]) {
      const merged = child(resolved(map, aliases), part, aliases, depth + 1);
      if (merged !== undefined) return merged;
    }
  }
  return undefined;
}

function resolved(node: unknown, aliases: Aliases): unknown {
  return isAlias(node) ? aliases.get(node) : node;
}

/** Where a node begins. */
function start(node: unknown): number | undefined {
  // yaml types nodes of a parsed tree loosely; every one of them has a range.
  return (node as Node | undefined | null)?.range?.[0];
}

/** Where a value begins that has text of its own; an empty one has not. */
function written(node: unknown): number | undefined {
  const range = (node as Node | undefined | null)?.range;
  return range && range[1] > range[0] ? range[0] : undefined;
}
