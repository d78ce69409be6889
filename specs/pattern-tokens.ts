/**
 * Globs and templates of paths as patterns of one kind, and whether one path could match two
 * of them. What is not understood matches everything: it is for the world to say then.
 */

/** One part of a pattern. */
export type Token =
  | { readonly is: 'text'; readonly text: string }
  /** One character, no slash. */
  | { readonly is: 'one' }
  /** Any characters, no slash. */
  | { readonly is: 'name' }
  /** Any characters. */
  | { readonly is: 'path' };

export type Pattern = readonly Token[];

/** More alternatives than this are not told apart. */
const MOST_ALTERNATIVES = 64;

/** The patterns of a glob: several where it has alternatives. */
export function patternsOf(glob: string): readonly Pattern[] {
  const plain = glob.replace(/^(\.\/)+/, '');
  const alternatives = expanded(plain);
  return alternatives === undefined ? [[{ is: 'path' }]] : alternatives.map(tokensOf);
}

/** Write out `{a,b}` and the nothing that `**` with a slash may stand for; undefined where that is too much. */
function expanded(glob: string): readonly string[] | undefined {
  let all = [glob];
  for (;;) {
    const next = all.flatMap((one) => firstExpanded(one) ?? [one]);
    if (next.length > MOST_ALTERNATIVES) return undefined;
    if (next.length === all.length) return next;
    all = next;
  }
}

function firstExpanded(glob: string): readonly string[] | undefined {
  const braces = /(?<!\\)\{([^{}]*,[^{}]*)\}/.exec(glob);
  if (braces !== null) {
    const [all, inner = ''] = braces;
    const [before, after] = [glob.slice(0, braces.index), glob.slice(braces.index + all.length)];
    return inner.split(',').map((each) => before + each + after);
  }
  const deep = /(^|\/)\*\*\//.exec(glob);
  if (deep === null) return undefined;
  const [before, after] = [glob.slice(0, deep.index), glob.slice(deep.index + deep[0].length)];
  return [`${before}${deep[1]}${after}`, `${before}${deep[1]}\0/${after}`];
}

/** A `\0` stands for the path that a double star with a slash was. */
const GLOB = /\\(.)|\0|\*\*+|\*|\?|\[[^\]]*\]|[()!+@|{}]|[^\\\0*?[\]()!+@|{}]+|[\s\S]/g;

function tokensOf(glob: string): Pattern {
  if (/[()]/.test(glob)) return [{ is: 'path' }];
  return [...glob.matchAll(GLOB)].map(([token, escaped]): Token => {
    if (escaped !== undefined) return { is: 'text', text: escaped };
    if (token === '\0' || token.startsWith('**')) return { is: 'path' };
    if (token === '*') return { is: 'name' };
    if (token === '?' || token.startsWith('[')) return { is: 'one' };
    return { is: 'text', text: token };
  });
}

/** Whether some path matches both. */
export function canMeet(one: Pattern, other: Pattern): boolean {
  const [a, b] = [characters(one), characters(other)];
  const known = new Map<number, boolean>();
  const meet = (i: number, j: number): boolean => {
    const key = i * (b.length + 1) + j;
    const before = known.get(key);
    if (before !== undefined) return before;
    const result = meetFrom(i, j);
    known.set(key, result);
    return result;
  };
  const meetFrom = (i: number, j: number): boolean => {
    const [x, y] = [a[i], b[j]];
    if (x === undefined && y === undefined) return true;
    if (x !== undefined && isMany(x)) {
      return meet(i + 1, j) || (y !== undefined && fits(x, y) && meet(i, j + 1));
    }
    if (y !== undefined && isMany(y)) {
      return meet(i, j + 1) || (x !== undefined && fits(y, x) && meet(i + 1, j));
    }
    return x !== undefined && y !== undefined && fits(x, y) && meet(i + 1, j + 1);
  };
  return meet(0, 0);
}

/** One character of a text, or a token that stands for some. */
type Unit = string | Exclude<Token['is'], 'text'> | { readonly character: string };

function characters(pattern: Pattern): readonly Unit[] {
  return pattern.flatMap((token): readonly Unit[] =>
    token.is === 'text' ? [...token.text].map((character) => ({ character })) : [token.is],
  );
}

const isMany = (unit: Unit) => unit === 'name' || unit === 'path';

function fits(one: Unit, other: Unit): boolean {
  if (typeof one === 'object' && typeof other === 'object') return one.character === other.character;
  if (typeof one === 'object') return fits(other, one);
  const isSlash = typeof other === 'object' && other.character === '/';
  return one === 'path' || !isSlash;
}
