/**
 * Matching a regular expression in time that grows with the text, whatever the expression:
 * all ways to match are followed at once, byte by byte, where a backtracking engine takes
 * one after the other, and for `(a+)+b` more of them than anybody has time for.
 */

/** A regular expression as it was read. */
export type Expression =
  /** One byte, of these; 256 entries. */
  | { readonly is: 'byte'; readonly among: readonly boolean[] }
  | { readonly is: 'begin' }
  | { readonly is: 'end' }
  | { readonly is: 'sequence'; readonly of: readonly Expression[] }
  | { readonly is: 'either'; readonly of: readonly Expression[] }
  /** The group of this number, from 1. */
  | { readonly is: 'group'; readonly number: number; readonly of: Expression }
  /** `most` null: any number. */
  | { readonly is: 'repeat'; readonly of: Expression; readonly least: number; readonly most: number | null };

/** Looks for the leftmost match in a line of bytes, and of those for the longest. */
export type Matcher = (line: string) => readonly (string | undefined)[] | undefined;

/** States of an automaton at most; each costs a step for each byte. */
const MOST_STATES = 2_000;

/** A place in the expression: what must come there, and what after it. */
interface State {
  readonly id: number;
  readonly on: 'byte' | 'begin' | 'end' | 'mark' | 'split' | 'match';
  readonly among?: readonly boolean[];
  /** `mark`: which end of which group. */
  readonly slot?: number;
  /** In order of preference. */
  next: readonly State[];
}

/** One way to match, up to here. */
interface Way {
  readonly state: State;
  /** Where groups begin and end, by slot; slot 0 is the beginning of the match. */
  readonly marks: readonly (number | undefined)[];
}

/** Stops the making of an automaton; never leaves this file. */
class TooLarge extends Error {}

/** A matcher of an expression; undefined where it would have too many states. */
export function matcherOf(expression: Expression, groups: number): Matcher | undefined {
  try {
    const automaton = automatonOf(expression);
    const begins = firstBytes(automaton.first, new Set());
    return (line) => {
      const best = run(automaton, begins, line);
      return best && textsOf(best, groups, line);
    };
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

interface Automaton {
  readonly first: State;
  readonly states: number;
}

/** The automaton is made from its end: `next` is where each part of it goes on. */
function automatonOf(expression: Expression): Automaton {
  let states = 0;
  const state = (on: State['on'], next: readonly State[], more: Partial<State> = {}): State => {
    if (states >= MOST_STATES) throw new TooLarge();
    return { id: states++, on, next, ...more };
  };

  function before(one: Expression, next: State): State {
    switch (one.is) {
      case 'byte':
        return state('byte', [next], { among: one.among });
      case 'begin':
      case 'end':
        return state(one.is, [next]);
      case 'sequence':
        return one.of.reduceRight((after, each) => before(each, after), next);
      case 'either': {
        const ways = one.of.map((each) => before(each, next));
        return state('split', ways);
      }
      case 'group': {
        const end = state('mark', [next], { slot: 2 * one.number + 1 });
        return state('mark', [before(one.of, end)], { slot: 2 * one.number });
      }
      case 'repeat':
        return repeated(one, next);
    }
  }

  function repeated({ of, least, most }: Extract<Expression, { is: 'repeat' }>, next: State): State {
    let first = next;
    if (most === null) {
      const again = state('split', [next]);
      again.next = [before(of, again), next];
      first = again;
    } else {
      for (let n = least; n < most; n++) first = state('split', [before(of, first), next]);
    }
    for (let n = 0; n < least; n++) first = before(of, first);
    return first;
  }

  const first = before(expression, state('match', []));
  return { first, states };
}

/** The bytes with which a match can begin, so that most places of a line are passed by; undefined: it may be empty. */
function firstBytes(state: State, seen: Set<State>): readonly boolean[] | undefined {
  if (state.on === 'match') return undefined;
  if (state.among !== undefined) return state.among;
  const begins = new Array<boolean>(256).fill(false);
  for (const next of state.next) {
    if (seen.has(next)) continue;
    seen.add(next);
    const more = firstBytes(next, seen);
    if (more === undefined) return undefined;
    for (const [code, is] of more.entries()) if (is) begins[code] = true;
  }
  return begins;
}

interface Match {
  readonly begin: number;
  readonly end: number;
  readonly marks: Way['marks'];
}

function run(
  { first, states }: Automaton,
  begins: readonly boolean[] | undefined,
  line: string,
): Match | undefined {
  // When each state was last reached, as the place in the line and one.
  const seen = new Int32Array(states);
  let ways: readonly Way[] = [];
  let best: Match | undefined;
  for (let at = 0; at <= line.length && (ways.length > 0 || best === undefined); at++) {
    if (ways.length === 0 && begins && !begins[line.charCodeAt(at)]) continue;
    const here: Way[] = [];
    const reaching = { at, line, seen, here };
    for (const way of ways) if (best === undefined || beginOf(way) <= best.begin) reach(way, reaching);
    if (best === undefined) reach({ state: first, marks: [at] }, reaching);
    const matched = here.find(({ state }) => state.on === 'match');
    if (matched) best = { begin: beginOf(matched), end: at, marks: matched.marks };
    ways = here.flatMap(({ state, marks }) =>
      state.among?.[line.charCodeAt(at)] ? state.next.map((next) => ({ state: next, marks })) : [],
    );
  }
  return best;
}

const beginOf = ({ marks }: Way) => marks[0] ?? 0;

interface Reaching {
  readonly at: number;
  readonly line: string;
  readonly seen: Int32Array;
  /** What stands before a byte, or has matched; those that began first come first. */
  readonly here: Way[];
}

/** Follow a way over everything that takes no byte; a state that an earlier way has reached is left to that. */
function reach({ state, marks }: Way, reaching: Reaching): void {
  const { at, line, seen, here } = reaching;
  if (seen[state.id] === at + 1) return;
  seen[state.id] = at + 1;
  if (state.on === 'byte' || state.on === 'match') {
    here.push({ state, marks });
    return;
  }
  if (state.on === 'begin' && at !== 0) return;
  if (state.on === 'end' && at !== line.length) return;
  const now = state.slot === undefined ? marks : marked(marks, state.slot, at);
  for (const next of state.next) reach({ state: next, marks: now }, reaching);
}

function marked(marks: Way['marks'], slot: number, at: number): Way['marks'] {
  const copy = [...marks];
  copy[slot] = at;
  return copy;
}

function textsOf(
  { begin, end, marks }: Match,
  groups: number,
  line: string,
): readonly (string | undefined)[] {
  const texts = Array.from({ length: groups }, (_, n) => {
    const [from, to] = [marks[2 * n + 2], marks[2 * n + 3]];
    return from === undefined || to === undefined ? undefined : line.slice(from, to);
  });
  return [line.slice(begin, end), ...texts];
}
