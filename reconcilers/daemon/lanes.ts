/**
 * Every phase of every dataset, and the sweep of every site, in a lane of its own
 * for as long as the daemon runs: each with its own pace and back-off, so that a
 * system that hangs holds up only the lanes that ask it (law 8).
 *
 * A pass that moved something wakes the other lanes of its dataset, and the sweeps. A lane whose
 * pass was stopped, or whose system did not answer, waits longer each time and
 * is not woken before.
 */
import { PHASES, type Phase } from '../../machines/model.ts';
import { places } from './places.ts';

/** `Lane` is one of the loops of a dataset, or of a site. */
export type Lane = Phase | 'members' | 'sweep';
const DATASET_LANES: readonly Lane[] = ['members', ...PHASES];
const SITE_LANES: readonly Lane[] = ['sweep'];

/** What a pass came to, as far as the pace of its lane goes. */
export type LaneResult = 'moved' | 'quiet' | 'trouble';

/** One pass of a lane of a dataset, or of a site. Throws only what stops all lanes, or the signal's reason. */
export type LanePass = (owner: string, lane: Lane, resync: boolean) => Promise<LaneResult>;

/** Time as the lanes need it. */
export interface Pace {
  /** Milliseconds that only grow. */
  clock(): number;
  /** So long, or until one of the signals; never throws. */
  sleep(ms: number, signals: readonly AbortSignal[]): Promise<void>;
  /** How often everything is looked at, also what should not have changed. */
  readonly resyncMs: number;
}

/** `Lanes` are the loops as the daemon steers them. */
export interface Lanes {
  /** Work on these datasets and sites from now on, and at once: new ones begin, others end after their pass. */
  follow(datasets: readonly string[], sites: readonly string[]): void;
  /** Never fulfilled. @throws what stops all: the database is gone, or a fault of ours */
  readonly failed: Promise<never>;
  /** Until no pass is under way; call it once the signal is aborted. */
  drained(): Promise<void>;
}

/** Between two passes: while something moves, while nothing does, and while there is trouble. */
const BUSY_MS = 250;
const IDLE_MS = { first: 1_000, longest: 8_000 } as const;
const TROUBLE_MS = { first: 2_000, longest: 120_000 } as const;

/** Passes of one lane at a time, over all datasets: a page may hold thousands of files. */
const PASSES_AT_A_TIME = 4;

/** A `WakeUp` ends the sleep of every lane that sleeps with its signal. */
interface WakeUp {
  signal(): AbortSignal;
  wake(): void;
}

interface Following {
  readonly wakeUp: WakeUp;
  ends: boolean;
}

/** Open the lanes; nothing runs before `follow`. They end with the signal, each after its pass. */
export function openLanes(pass: LanePass, pace: Pace, signal: AbortSignal): Lanes {
  const datasets = new Map<string, Following>();
  const sites = new Map<string, Following>();
  const room = new Map(
    [...DATASET_LANES, ...SITE_LANES].map((lane) => [lane, places(PASSES_AT_A_TIME)] as const),
  );
  const running = new Set<Promise<void>>();
  let fail: (reason: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });

  const start = (name: string, lane: Lane, following: Following) => {
    const enter = room.get(lane) ?? places(PASSES_AT_A_TIME);
    const passHere = (resync: boolean) =>
      enter(async () => {
        // Whoever waited for a place while the daemon was stopped begins nothing any more.
        signal.throwIfAborted();
        return pass(name, lane, resync);
      });
    const wake = () => {
      following.wakeUp.wake();
      for (const site of sites.values()) if (site !== following) site.wakeUp.wake();
    };
    const run = runLane(passHere, { following, wake }, pace, signal).catch(fail);
    running.add(run);
    run.finally(() => running.delete(run));
  };
  const followOnly = (followed: Map<string, Following>, names: readonly string[], lanes: readonly Lane[]) => {
    for (const [name, following] of followed) {
      following.ends = !names.includes(name);
      if (following.ends) followed.delete(name);
      following.wakeUp.wake();
    }
    for (const name of names) {
      if (followed.has(name)) continue;
      const following = { wakeUp: newWakeUp(), ends: false };
      followed.set(name, following);
      for (const lane of lanes) start(name, lane, following);
    }
  };

  return {
    failed,
    drained: async () => {
      await Promise.all(running);
    },
    follow(wanted, at) {
      followOnly(datasets, wanted, DATASET_LANES);
      followOnly(sites, at, SITE_LANES);
    },
  };
}

async function runLane(
  pass: (resync: boolean) => Promise<LaneResult>,
  { following, wake }: { readonly following: Following; readonly wake: () => void },
  { clock, sleep, resyncMs }: Pace,
  signal: AbortSignal,
): Promise<void> {
  let idle: number = IDLE_MS.first;
  let trouble: number = TROUBLE_MS.first;
  let resyncAt = clock();
  while (!signal.aborted && !following.ends) {
    // Taken before the pass: what moves meanwhile must not be slept through.
    const woken = following.wakeUp.signal();
    const resync = clock() >= resyncAt;
    const result = await untilStopped(pass(resync), signal);
    if (result === undefined) return;
    if (result === 'trouble') {
      await sleep(trouble, [signal]);
      trouble = Math.min(TROUBLE_MS.longest, trouble * 2);
      continue;
    }
    trouble = TROUBLE_MS.first;
    if (resync) resyncAt = clock() + resyncMs;
    if (result === 'moved') wake();
    idle = result === 'moved' ? IDLE_MS.first : Math.min(IDLE_MS.longest, idle * 2);
    await (result === 'moved' ? sleep(BUSY_MS, [signal]) : sleep(idle, [signal, woken]));
  }
}

/** What a pass came to; undefined when the daemon was stopped meanwhile. */
async function untilStopped(pass: Promise<LaneResult>, signal: AbortSignal): Promise<LaneResult | undefined> {
  try {
    return await pass;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function newWakeUp(): WakeUp {
  let current = new AbortController();
  return {
    signal: () => current.signal,
    wake() {
      current.abort();
      current = new AbortController();
    },
  };
}
