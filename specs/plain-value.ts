/**
 * The plain value of a YAML document's tree. The library's own `toJS` throws on bad merges and
 * aliases, and spends without end on merges of merges; this one answers with the first problem.
 */
import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Pair } from 'yaml';

/** What each alias of a tree stands for, node by node. */
export type Aliases = ReadonlyMap<unknown, unknown>;

/** A value, or what is wrong with it and where. */
export type PlainValue =
  | { readonly ok: true; readonly value: unknown; readonly aliases: Aliases }
  | { readonly ok: false; readonly sentence: string; readonly offset: number };

/** Deeper than any spec, and far from what the recursive part of the parser survives. */
export const DEEPEST = 64;

/** What a document may come to when its aliases are written out: its texts, and so much for each value. */
const LARGEST = 8_000_000;
const EACH_VALUE = 16;

/** What an anchor stands for. Aliases of it share the value, and each costs as much as a copy would. */
interface Anchored {
  readonly node: unknown;
  readonly value: unknown;
  readonly cost: number;
  /** Levels below it. */
  readonly height: number;
}

interface Reading {
  /** By name; a later anchor takes the place of an earlier one. `open`: it is being read. */
  readonly anchors: Map<string, Anchored | 'open'>;
  readonly aliases: Map<unknown, unknown>;
  /** Whether numbers and booleans are read as the texts they are written as. */
  readonly asWritten: boolean;
  left: number;
  depth: number;
  /** The deepest level since somebody last set it. */
  deepest: number;
}

/** Stops a reading; it never leaves this file. */
class Wrong extends Error {
  readonly node: unknown;

  constructor(sentence: string, node: unknown) {
    super(sentence);
    this.name = 'Wrong';
    this.node = node;
  }
}

/**
 * The plain value of a tree without syntax errors; null where the document is empty. Linear, and never throws.
 *
 * @param scalars  `as written`: numbers and booleans are the texts that stand in the file
 */
export function plainValue(tree: Document.Parsed, scalars: 'plain' | 'as written' = 'plain'): PlainValue {
  try {
    const asWritten = scalars === 'as written';
    const aliases = new Map<unknown, unknown>();
    const reading: Reading = { anchors: new Map(), aliases, asWritten, left: LARGEST, depth: 0, deepest: 0 };
    return { ok: true, value: read(tree.contents, reading), aliases };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    const offset = isNode(error.node) ? error.node.range?.[0] : undefined;
    return { ok: false, sentence: error.message, offset: offset ?? tree.range[0] };
  }
}

function read(node: unknown, reading: Reading): unknown {
  if (isAlias(node)) return readAlias(node, node.source, reading);
  const anchor = isNode(node) && 'anchor' in node ? node.anchor : undefined;
  if (typeof anchor !== 'string') return readNode(node, reading);

  const { left, depth, deepest } = reading;
  reading.anchors.set(anchor, 'open');
  reading.deepest = depth;
  const value = readNode(node, reading);
  const height = reading.deepest - depth;
  reading.anchors.set(anchor, { node, value, cost: left - reading.left, height });
  reading.deepest = Math.max(deepest, reading.deepest);
  return value;
}

function readNode(node: unknown, reading: Reading): unknown {
  pay(EACH_VALUE, node, reading);
  if (isMap(node)) return within(node, 1, reading, () => readMap(node.items, reading));
  if (isSeq(node)) return within(node, 1, reading, () => node.items.map((item) => read(item, reading)));
  return isScalar(node) ? readScalar(node, reading) : null;
}

function readAlias(alias: unknown, source: string, reading: Reading): unknown {
  const anchored = reading.anchors.get(source);
  if (anchored === undefined) {
    const where = 'it must stand before the alias, in the same document';
    throw new Wrong(`not valid YAML: there is no anchor &${source} for *${source}; ${where}`, alias);
  }
  if (anchored === 'open') throw new Wrong(`the anchor &${source} holds itself; write the values out`, alias);
  reading.aliases.set(alias, anchored.node);
  pay(anchored.cost, alias, reading);
  return within(alias, anchored.height, reading, () => anchored.value);
}

function pay(cost: number, node: unknown, reading: Reading): void {
  reading.left -= cost;
  if (reading.left < 0) throw new Wrong('its aliases expand to too much; write the values out', node);
}

/** So many levels deeper. */
function within<T>(node: unknown, levels: number, reading: Reading, inside: () => T): T {
  reading.depth += levels;
  reading.deepest = Math.max(reading.deepest, reading.depth);
  if (reading.depth > DEEPEST) throw new Wrong(`nested more than ${DEEPEST} levels deep`, node);
  const value = inside();
  reading.depth -= levels;
  return value;
}

/** Keys of the map itself come before what it merges, and an earlier merge before a later one. */
function readMap(items: readonly unknown[], reading: Reading): object {
  const own = new Map<string, unknown>();
  const merged = new Map<string, unknown>();
  for (const pair of items) {
    if (!isPair(pair)) continue;
    if (isMergeKey(pair.key)) {
      for (const [key, value] of mergedOf(pair, reading)) if (!merged.has(key)) merged.set(key, value);
      continue;
    }
    const key = readKey(pair.key, reading);
    if (own.has(key)) throw new Wrong('not valid YAML: map keys must be unique', pair.key);
    own.set(key, read(pair.value, reading));
  }
  // fromEntries makes a field of its own even of __proto__.
  return Object.fromEntries([...[...merged].filter(([key]) => !own.has(key)), ...own]);
}

/** Whether a key is the unquoted `<<`. */
export function isMergeKey(key: unknown): boolean {
  if (!isScalar(key)) return false;
  return typeof key.value === 'symbol' || (key.value === '<<' && (key.type ?? 'PLAIN') === 'PLAIN');
}

function mergedOf({ value }: Pair, reading: Reading): readonly (readonly [string, unknown])[] {
  const source = read(value, reading);
  const maps: readonly unknown[] = Array.isArray(source) ? source : [source];
  return maps.flatMap((map) => {
    if (typeof map === 'object' && map !== null && !Array.isArray(map)) return Object.entries(map);
    throw new Wrong('not valid YAML: << takes a map, an alias of a map, or a list of these', value);
  });
}

function readKey(key: unknown, reading: Reading): string {
  if (!isScalar(key)) throw new Wrong('not valid YAML: a key must be a text', key);
  const value = readScalar(key, reading);
  return value === null ? '' : String(value);
}

/** A scalar that JSON has not, such as a date of YAML 1.1, is the text it is written as. */
function readScalar(node: unknown, reading: Reading): string | number | boolean | null {
  if (!isScalar(node)) return null;
  const { value, source } = node;
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') {
    return reading.asWritten ? (source ?? String(value)) : value;
  }
  const text = typeof value === 'string' ? value : (source ?? '');
  pay(text.length, node, reading);
  if (text.includes('\0')) throw new Wrong('holds the character U+0000, which no spec may hold', node);
  if (/\p{Surrogate}/u.test(text)) throw new Wrong('holds half of a surrogate pair, which is no text', node);
  return text;
}
