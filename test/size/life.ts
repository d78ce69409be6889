/** A whole life of many files on memory drivers and real records: every state, with some trouble on the way. */
import { setMaxListeners } from 'node:events';
import { PHASES } from '../../machines/model.ts';
import type { Daemon } from '../../reconcilers/daemon/daemon.ts';
import { round } from '../../reconcilers/daemon/rounds.ts';
import { attemptPath } from '../../reconcilers/model/names.ts';
import { aPlay, EVENTS, type Play, ROOMY, type Stage } from '../decide/play.ts';

/** A submission for each job, as with local processes: there are as many of them as of everything else. */
const BULK = { jobsPerSubmission: 1, filesPerSubmission: 100 };

/** No limit is ever met, whatever the size. */
const PLENTY = 1_000_000;

export const FILES_PER_JOB = 2;

/** One file in so many is damaged on its way the first time; the first job of as many is killed the first time. */
export const TROUBLED = 50;

/** Rounds after which something goes round in circles. */
const MOST_ROUNDS = 60;

export interface Life {
  readonly play: Play;
  readonly rounds: number;
}

/** Play a dataset of so many files to its end. @param after  called after each round, for who measures */
export async function playLife(stage: Stage, files: number, after: () => void = () => {}): Promise<Life> {
  const setting = {
    ...ROOMY,
    files,
    filesPerJob: FILES_PER_JOB,
    jobs: PLENTY,
    maxQueued: PLENTY,
    transfers: PLENTY,
    budget: PLENTY,
    when: 'datasetDone',
    afterDone: 'keep',
  } as const;
  const play = await aPlay(stage, setting, BULK);
  const daemon = daemonOf(play);
  const { name } = await play.dataset();
  const seen = new Set<string>();
  const go = async (resync: boolean) => {
    const done = await round(daemon, (row) => row.name === name, { phases: PHASES, resync, dryRun: false });
    after();
    if (done.errors.length > 0) throw new Error(done.errors.join('\n'));
    return { quiet: done.quiet, rest: done.rests.get(name) };
  };
  for (let rounds = 1; rounds <= MOST_ROUNDS; rounds += 1) {
    const { rest } = await go(rounds === 1);
    if (rest?.is === 'settled') {
      // Everything is looked at once more, and nothing is to be done.
      if (!(await go(true)).quiet) throw new Error('settled, and yet not quiet');
      return { play, rounds };
    }
    await worldGoesOn(play, seen);
    // Past every back-off of the spec.
    play.clock.now += 4_000_000;
  }
  throw new Error(
    `not settled after ${MOST_ROUNDS} rounds: ${JSON.stringify(await play.around.records.totals(await play.dataset()))}`,
  );
}

function daemonOf({ around }: Play): Daemon {
  const { records, ports, traits, signal } = around;
  setMaxListeners(0, signal);
  return {
    records,
    signal,
    siteOf: () => ({ ports, traits }),
    manifest: () => {
      throw new Error('a play has no manifest');
    },
    // Nothing waits here for time to pass.
    pause: async () => {},
    onPass: () => {},
    onMembers: () => {},
    onProblem: (about, error) => {
      throw new Error(about, { cause: error });
    },
  };
}

/** Whether this happens to a thing the first time it is met. */
const firstTime = (seen: Set<string>, what: string): boolean => {
  if (seen.has(what)) return false;
  seen.add(what);
  return true;
};

/** Every transfer arrives, but for a damaged one; every job ends well, but for a killed one. */
async function worldGoesOn(play: Play, seen: Set<string>): Promise<void> {
  for (const mover of play.movers) {
    for (const name of mover.orders.keys()) if (firstTime(seen, name)) mover.finish(name);
  }
  damageArrivals(play, seen);
  for (const { submission, index, inputs, number } of await liveJobs(play)) {
    if (number % TROUBLED === 0 && firstTime(seen, `job ${number}`)) {
      play.batch.finish(submission, { exitCode: null, signal: 'SIGKILL' }, index);
    } else await endWell(play, submission, index, inputs);
  }
}

function damageArrivals({ stores: { disk } }: Play, seen: Set<string>): void {
  for (const [path, bytes] of disk.contents) {
    const number = /\/raw_(\d+)$/.exec(path)?.[1];
    if (number === undefined || Number(number) % TROUBLED !== 0) continue;
    if (firstTime(seen, `raw ${number}`)) disk.contents.set(path, bytes.subarray(1));
  }
}

interface LiveJob {
  readonly submission: string;
  readonly index: number;
  readonly inputs: readonly string[];
  readonly revision: string;
  /** Of its first file. */
  readonly number: number;
}

async function liveJobs({ database, number }: Play): Promise<readonly LiveJob[]> {
  const { rows } = await database.knex.raw(
    `SELECT b.name AS submission, a.job_index AS index, array_agg(d.name ORDER BY d.id) AS inputs,
       min(substr(d.name, 5)::int) AS number
     FROM live_attempts l JOIN attempts a ON a.id = l.attempt_id JOIN submissions b ON b.id = a.submission_id
       JOIN file_details d ON d.id = a.file_id
     WHERE l.phase = 'process' AND b.site = ? GROUP BY b.id, a.job_index`,
    [`site-${number}`],
  );
  return rows;
}

async function endWell(
  play: Play,
  submission: string,
  index: number,
  inputs: readonly string[],
): Promise<void> {
  const files = inputs.map((file) => ({
    file,
    failedAt: null,
    message: null,
    exitCode: 0,
    eventsRead: EVENTS,
    skipped: [],
    outputs: (['dst', 'tmb'] as const).map((key) => {
      const name = `${file}.aaaaaaaa.${key}`;
      const bytes = Buffer.from(`${key} of ${name}`);
      play.stores[key === 'dst' ? 'disk' : 'tmb'].contents.set(attemptPath(submission, name), bytes);
      return { key, name, sizeBytes: bytes.length, checksum: null, eventsWritten: EVENTS, metadata: null };
    }),
    cpuMs: 1,
    startedMs: null,
    endedMs: null,
  }));
  await play.writeReport(submission, index, { submission, index, node: 'memory', processor: null, files });
  play.batch.finish(submission, {}, index);
}
