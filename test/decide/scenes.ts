/** Scenes of a play: what a pass may find changed in the world, or does itself. */
import fc from 'fast-check';
import { OWN_FOLDER, PHASES, type Phase } from '../../machines/model.ts';
import { attemptPath } from '../../reconcilers/model/names.ts';
import { EVENTS, type Play } from './play.ts';

const JOB_ENDS = [
  ...(['well', 'well', 'well', 'short', 'killed'] as const),
  ...(['unreported', 'undelivered', 'not found'] as const),
] as const;
const MOVE_ENDS = ['well', 'well', 'well', 'absent', 'space', 'interrupted', 'damaged'] as const;
const TROUBLES = ['disk', 'tmb', 'far', 'catalog', 'batch', 'full', 'deaf', 'mover', 'half'] as const;
const STORES = ['disk', 'tmb', 'far'] as const;

export type Scene =
  | { readonly is: 'pass'; readonly phase: Phase; readonly resync: boolean }
  | { readonly is: 'jobs end'; readonly how: (typeof JOB_ENDS)[number] }
  | { readonly is: 'jobs start' }
  | { readonly is: 'moves end'; readonly how: (typeof MOVE_ENDS)[number] }
  | { readonly is: 'time passes'; readonly seconds: number }
  | { readonly is: 'trouble'; readonly with: (typeof TROUBLES)[number] }
  | { readonly is: 'all is well' }
  /** Somebody deletes or cuts one of the files of a store. */
  | {
      readonly is: 'a hand';
      readonly in: (typeof STORES)[number];
      readonly nth: number;
      readonly cuts: boolean;
    }
  | { readonly is: 'another spec'; readonly changes: number };

/** Mostly what moves a campaign on, and some mischief. */
export const SCENE: fc.Arbitrary<Scene> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      is: fc.constant('pass'),
      phase: fc.constantFrom(...PHASES),
      resync: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ is: fc.constant('jobs end'), how: fc.constantFrom(...JOB_ENDS) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('jobs start') }) },
  { weight: 4, arbitrary: fc.record({ is: fc.constant('moves end'), how: fc.constantFrom(...MOVE_ENDS) }) },
  {
    weight: 2,
    arbitrary: fc.record({ is: fc.constant('time passes'), seconds: fc.constantFrom(30, 300, 4000) }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('trouble'), with: fc.constantFrom(...TROUBLES) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('all is well') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('a hand'),
      in: fc.constantFrom(...STORES),
      nth: fc.nat(5),
      cuts: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('another spec'), changes: fc.nat(3) }) },
);

/** A campaign that goes well, once through: the way to states that chance alone does not come to. */
export const WELL: readonly Scene[] = [
  { is: 'pass', phase: 'transfer', resync: false },
  { is: 'moves end', how: 'well' },
  { is: 'pass', phase: 'transfer', resync: false },
  { is: 'pass', phase: 'verify', resync: false },
  { is: 'pass', phase: 'process', resync: false },
  { is: 'jobs end', how: 'well' },
  { is: 'pass', phase: 'process', resync: false },
  { is: 'pass', phase: 'publish', resync: false },
  { is: 'pass', phase: 'export', resync: false },
  { is: 'moves end', how: 'well' },
  { is: 'pass', phase: 'export', resync: false },
];

const EXPORT = { is: 'pass', phase: 'export', resync: false } as const;
const LOST = { is: 'a hand', in: 'far', nth: 0, cuts: false } as const;
const PROCESS: Scene = { is: 'pass', phase: 'process', resync: false };

/** Ways to what is seldom: a file cut short on arrival, a job whose spec has changed, a far copy that is lost. */
export const SELDOM: readonly (readonly Scene[])[] = [
  [
    ...WELL.slice(0, 3),
    { is: 'a hand', in: 'disk', nth: 0, cuts: true },
    { is: 'pass', phase: 'verify', resync: false },
  ],
  [
    ...WELL.slice(0, 5),
    { is: 'another spec', changes: 1 },
    PROCESS,
    { is: 'jobs end', how: 'well' },
    PROCESS,
  ],
  [...WELL, LOST, { ...EXPORT, resync: true }, EXPORT],
  [...WELL, EXPORT, LOST, { ...EXPORT, resync: true }],
];

/** Change the world as a scene says; passes are the caller's. */
export async function perform(play: Play, scene: Exclude<Scene, { is: 'pass' }>): Promise<void> {
  switch (scene.is) {
    case 'jobs start':
      for (const { name, jobs } of play.batch.created)
        for (const { index } of jobs) startJob(play, name, index);
      return;
    case 'jobs end':
      for (const { name, jobs } of play.batch.created) {
        for (const { index } of jobs) await endJob(play, name, index, scene.how);
      }
      return;
    case 'moves end':
      for (const mover of play.movers) {
        if (scene.how === 'damaged') mover.damageCopies();
        else mover.failFiles(scene.how === 'well' ? null : scene.how);
        for (const name of mover.orders.keys()) mover.finish(name);
        mover.failFiles(null);
      }
      return;
    case 'time passes':
      play.clock.now += scene.seconds * 1000;
      return;
    case 'trouble':
      makeTrouble(play, scene.with);
      return;
    case 'all is well':
      for (const store of Object.values(play.stores)) store.comeBack();
      for (const mover of play.movers) mover.comeBack();
      for (const mover of play.movers) mover.refuseSubmits(null);
      play.catalog.comeBack();
      play.batch.recover();
      return;
    case 'a hand':
      layHandOn(play, scene);
      return;
    case 'another spec':
      await play.changeSpec(scene.changes);
  }
}

function makeTrouble(play: Play, about: (typeof TROUBLES)[number]): void {
  switch (about) {
    case 'catalog':
      play.catalog.goDown();
      return;
    case 'batch':
      play.batch.goDown();
      return;
    case 'full':
      play.batch.refuse();
      return;
    case 'deaf':
      play.batch.loseAnswerOfSubmit();
      for (const mover of play.movers) mover.loseSubmitAnswers();
      return;
    case 'mover':
      for (const mover of play.movers) mover.refuseSubmits('refused');
      return;
    case 'half':
      play.stores.disk.cutAnswersInHalf();
      play.catalog.cutAnswersInHalf();
      return;
    default:
      play.stores[about].goDown();
  }
}

function layHandOn(play: Play, scene: Extract<Scene, { is: 'a hand' }>): void {
  const { contents } = play.stores[scene.in];
  // The installation's marker is not among them: without it nothing is done at all.
  const names = [...contents.keys()].filter((name) => !name.startsWith(`${OWN_FOLDER}/i`));
  const name = names[scene.nth % Math.max(1, names.length)];
  if (name === undefined) return;
  if (scene.cuts) contents.set(name, (contents.get(name) ?? Buffer.alloc(0)).subarray(1));
  else contents.delete(name);
}

function startJob(play: Play, name: string, index: number): void {
  try {
    play.batch.start(name, index);
  } catch {
    // It was forgotten after its end.
  }
}

interface JobInput {
  readonly name: string;
  readonly revision: string;
}

async function inputsOf({ database }: Play, submission: string, index: number): Promise<readonly JobInput[]> {
  const { rows } = await database.knex.raw(
    `SELECT d.name, a.revision FROM attempts a JOIN submissions s ON s.id = a.submission_id
     JOIN file_details d ON d.id = a.file_id WHERE s.name = ? AND a.job_index = ? ORDER BY d.id`,
    [submission, index],
  );
  return rows;
}

/** End a job that has not ended, with what it leaves in stores and spool. */
async function endJob(
  play: Play,
  name: string,
  index: number,
  how: (typeof JOB_ENDS)[number],
): Promise<void> {
  const before = await play.batch.batch.observe([name], 0, play.around.signal).catch(() => undefined);
  const state = before?.found.get(name)?.jobs.get(index)?.state;
  if (state === undefined || state === 'ended') return;
  if (how === 'killed') return play.batch.finish(name, { exitCode: null, signal: 'SIGKILL' }, index);
  if (how === 'unreported') return play.batch.finish(name, { exitCode: 1 }, index);
  if (how === 'not found') return endUnfound(play, name, index);

  const files = (await inputsOf(play, name, index)).map((input) => ({
    file: input.name,
    failedAt: null,
    message: null,
    exitCode: 0,
    eventsRead: EVENTS,
    skipped: [],
    outputs: (['dst', 'tmb'] as const).map((key) => writeOutput(play, name, input, key, how)),
    cpuMs: 1,
    startedMs: null,
    endedMs: null,
  }));
  await play.writeReport(name, index, { submission: name, index, node: 'memory', processor: null, files });
  play.batch.finish(name, {}, index);
}

/** End a job whose command was not found, on one of two nodes. */
export async function endUnfound(
  play: Play,
  name: string,
  index: number,
  node = `wn${name.length % 2}`,
): Promise<void> {
  const files = (await inputsOf(play, name, index)).map((input) => ({
    file: input.name,
    failedAt: 'command',
    message: 'the command ended with exit code 127',
    exitCode: 127,
    signal: null,
    eventsRead: null,
    skipped: [],
    outputs: [],
    cpuMs: 1,
    startedMs: null,
    endedMs: null,
  }));
  await play.writeReport(name, index, { submission: name, index, node, processor: null, files });
  play.batch.finish(name, { exitCode: 127, node }, index);
}

function writeOutput(
  play: Play,
  submission: string,
  { name, revision }: JobInput,
  key: 'dst' | 'tmb',
  how: (typeof JOB_ENDS)[number],
) {
  const output = `${name}.${revision.slice(0, 8)}.${key}`;
  const bytes = Buffer.from(`${key} of ${name} by ${submission}`);
  const store = key === 'dst' ? play.stores.disk : play.stores.tmb;
  if (how !== 'undelivered') store.contents.set(attemptPath(submission, output), bytes);
  const eventsWritten = how === 'short' ? EVENTS - 1 : EVENTS;
  return { key, name: output, sizeBytes: bytes.length, checksum: null, eventsWritten, metadata: null };
}
