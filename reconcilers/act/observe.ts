/** `observe` asks the outside, in bulk, round after round; what does not answer is *unknown*, with the reason. */
import type { PhaseRules } from '../decide/change/phase-rules.ts';
import { askedPlaces } from '../decide/places/places.ts';
import { SPOOL, spaceRound } from '../decide/stops/space.ts';
import { isLeftAlone } from '../decide/stops/suspensions.ts';
import type { PassContext } from '../model/context.ts';
import { groupBy } from '../model/group-by.ts';
import type { Records } from '../model/records.ts';
import type { Page } from '../model/rows.ts';
import { NOTHING_SEEN, type Questions, type Round, type World } from '../model/world.ts';
import type { SitePorts } from '../ports/ports.ts';
import type { StatDepth } from '../ports/store.ts';
import { askCounts } from './ask-counts.ts';
import { type Asking, call, READ_TIMEOUT_MS, STAT_TIMEOUT_MS } from './call.ts';
import { found } from './steps/found.ts';

/** The questions of a phase about a page, and about the space its new work needs. */
export function roundsOf(rules: PhaseRules, context: PassContext, page: Page): readonly Round[] {
  if (isLeftAlone(context, rules.phase)) return [];
  return [
    spaceRound(context, rules.phase),
    ...rules.rounds(context, page),
    (seen) => askedPlaces(rules, context, page, seen),
  ];
}

/** What was seen, and which systems did not answer. */
export interface Observation {
  readonly seen: World;
  /** By system: null when it answered, else what it said. */
  readonly health: ReadonlyMap<string, string | null>;
}

/**
 * Ask every round's questions.
 *
 * Never throws because a system is down: what it was asked about is then
 * unknown, and its health says why. Throws when the signal is aborted.
 */
export async function observe(
  rounds: readonly Round[],
  ports: SitePorts,
  context: PassContext,
  signal: AbortSignal,
): Promise<Observation> {
  const health = new Map<string, string | null>();
  let seen = NOTHING_SEEN;
  for (const round of rounds) {
    signal.throwIfAborted();
    seen = merge(seen, await ask(round(seen), { ports, context, signal, health }));
  }
  return { seen, health };
}

/** Remember which systems answered; the records write it only on a change or once a minute. */
export async function noteHealth(
  records: Records,
  health: Observation['health'],
  { dataset, now }: PassContext,
): Promise<void> {
  for (const [system, problem] of health)
    await records.health(dataset.loaded.site.name, system, problem, now);
}

async function ask(questions: Questions, asking: Asking): Promise<World> {
  const [stats, jobs, transfers, traces, described, counts, free, places] = await Promise.all([
    askStores(questions, asking),
    askBatch(questions.jobs ?? [], asking),
    askMovers(questions, asking),
    askSpool(questions, asking),
    askCatalog(questions.described ?? [], asking),
    askCounts(questions, asking),
    askFree(questions.free ?? [], asking),
    askPlaces(questions, asking),
  ]);
  return { ...NOTHING_SEEN, stats, jobs, transfers, traces, described, counts, free, places };
}

async function askStores({ stats = [] }: Questions, asking: Asking) {
  const groups = groupBy(stats, ({ store, depth }) => `${store}\n${depth}`);
  const answers = await Promise.all(
    [...groups].map(async ([key, asked]) => {
      const [store = '', depth] = key.split('\n') as [string, StatDepth];
      const paths = [...new Set(asked.map((one) => one.path))];
      const timeoutMs = depth === 'size' ? STAT_TIMEOUT_MS : READ_TIMEOUT_MS;
      const answer = await call(store, paths, timeoutMs, asking, (askedAt, signal) =>
        found(asking.ports.stores, store, 'store').stat(paths, depth, askedAt, signal),
      );
      return [store, answer] as const;
    }),
  );
  return collect(answers);
}

async function askBatch(names: readonly string[], asking: Asking) {
  if (names.length === 0) return [];
  const { batch } = asking.ports;
  const answer = await call('batch', names, batch.callTimeoutMs, asking, (askedAt, signal) =>
    batch.observe(names, askedAt, signal),
  );
  return [answer];
}

async function askMovers({ transfers = [] }: Questions, asking: Asking) {
  const groups = groupBy(transfers, (one) => one.endpoint);
  const answers = await Promise.all(
    [...groups].map(async ([endpoint, asked]) => {
      const names = [...new Set(asked.map((one) => one.name))];
      const mover = asking.ports.movers.get(endpoint);
      const timeoutMs = mover?.callTimeoutMs ?? STAT_TIMEOUT_MS;
      const answer = await call(`mover ${endpoint}`, names, timeoutMs, asking, (askedAt, signal) =>
        found(asking.ports.movers, endpoint, 'mover').observe(names, askedAt, signal),
      );
      return [endpoint, answer] as const;
    }),
  );
  return collect(answers);
}

async function askSpool({ traces = [] }: Questions, asking: Asking) {
  if (traces.length === 0) return [];
  const answer = await call('spool', traces, STAT_TIMEOUT_MS, asking, (askedAt, signal) =>
    asking.ports.spool.read(traces, askedAt, signal),
  );
  return [answer];
}

async function askCatalog(names: readonly string[], asking: Asking) {
  if (names.length === 0) return [];
  const { catalog } = asking.ports;
  const answer = await call('catalog', names, catalog.callTimeoutMs, asking, (askedAt, signal) =>
    catalog.describe(names, askedAt, signal),
  );
  return [answer];
}

/** Each place is asked by itself: one that does not answer leaves the others alone. */
async function askFree(places: readonly string[], asking: Asking) {
  const { stores, spool } = asking.ports;
  return Promise.all(
    places.map((place) =>
      call(place, [place], STAT_TIMEOUT_MS, asking, async (askedAt, signal) => {
        const of = place === SPOOL ? spool : found(stores, place, 'store');
        const bytes = (await of.freeBytes(signal)) ?? null;
        return { askedAt, complete: true, found: new Map([[place, bytes]]), unknown: new Map() };
      }),
    ),
  );
}

async function askPlaces({ places = [] }: Questions, asking: Asking) {
  const answers = await Promise.all(
    [...groupBy(places, ({ store }) => store)].map(async ([store, asked]) => {
      const paths = [...new Set(asked.map((one) => one.path))];
      const answer = await call(store, paths, STAT_TIMEOUT_MS, asking, (askedAt, signal) =>
        found(asking.ports.stores, store, 'store').locate(paths, askedAt, signal),
      );
      return [store, answer] as const;
    }),
  );
  return collect(answers);
}

function collect<A>(answers: readonly (readonly [string, A])[]): ReadonlyMap<string, readonly A[]> {
  const groups = groupBy(answers, ([key]) => key);
  return new Map([...groups].map(([key, list]) => [key, list.map(([, answer]) => answer)]));
}

function merge(before: World, after: World): World {
  return {
    stats: mergeMaps(before.stats, after.stats),
    jobs: [...before.jobs, ...after.jobs],
    transfers: mergeMaps(before.transfers, after.transfers),
    traces: [...before.traces, ...after.traces],
    described: [...before.described, ...after.described],
    counts: mergeMaps(before.counts, after.counts),
    free: [...before.free, ...after.free],
    places: mergeMaps(before.places, after.places),
    holders: before.holders,
  };
}

function mergeMaps<A>(
  before: ReadonlyMap<string, readonly A[]>,
  after: ReadonlyMap<string, readonly A[]>,
): ReadonlyMap<string, readonly A[]> {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return new Map([...keys].map((key) => [key, [...(before.get(key) ?? []), ...(after.get(key) ?? [])]]));
}
