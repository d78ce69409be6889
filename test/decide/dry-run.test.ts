/** The plan is the loop: with world and clock held still, the steps of a dry run are the steps taken. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Phase } from '../../machines/model.ts';
import { previewRecords } from '../../reconcilers/act/preview-records.ts';
import { STEP_KINDS } from '../../reconcilers/decide/steps/kinds.ts';
import type { PassReport } from '../../reconcilers/pass-report.ts';
import { reconcile } from '../../reconcilers/reconcile.ts';
import { sweep } from '../../reconcilers/sweep.ts';
import { everyFileIsExplained } from './explained.ts';
import { aPlay, type Play, ROOMY, type Setting, stageOfSuite } from './play.ts';
import { perform, SCENE, type Scene, SELDOM, WELL } from './scenes.ts';

const SETTING: fc.Arbitrary<Setting> = fc.record({
  files: fc.integer({ min: 1, max: 5 }),
  filesPerJob: fc.constantFrom(1, 2),
  jobs: fc.constantFrom(1, 3, 100),
  maxQueued: fc.constantFrom(1, 2, 100),
  transfers: fc.constantFrom(1, 3, 100),
  scouts: fc.constantFrom(0, 0, 2),
  budget: fc.constantFrom(0, 1, 100),
  when: fc.constantFrom('fileDone', 'datasetDone'),
  afterDone: fc.constantFrom('keep', 'release'),
});

/** Some way into a campaign that goes well, then anything. */
const SCENES = fc
  .tuple(fc.nat(WELL.length), fc.array(SCENE, { minLength: 8, maxLength: 25 }))
  .map(([well, others]) => [...WELL.slice(0, well), ...others]);

/** Every row of ours, and every file of every store. */
async function everything({ rows, stores, catalog }: Play): Promise<readonly string[]> {
  const held = Object.entries(stores).flatMap(([name, { contents }]) =>
    [...contents].map(([path, bytes]) => `${name} ${path} ${bytes.toString('latin1')}`),
  );
  return [...(await rows()), ...held, ...catalog.files.keys()].sort();
}

/** Steps as people read them; the number a step's name gets is drawn only when it is taken. */
const stepsOf = ({ steps }: PassReport) =>
  steps.map((step) => JSON.stringify(step, (key, value) => (key === 'number' ? undefined : value)));

/** Do a pass twice, once as a dry run, and hold the two together. @returns the kinds of its steps */
async function tryPass(play: Play, phase: Phase, resync: boolean): Promise<readonly string[]> {
  const dataset = await play.dataset();
  const dry = { ...play.around, records: previewRecords(play.around.records, () => play.clock.now) };
  const before = await everything(play);
  const planned = await outcome(async () => [await reconcile({ dataset, phase, resync, dryRun: true }, dry)]);
  const swept = await outcome(() => sweep([dataset], { resync, dryRun: true }, dry));
  assert.deepEqual(await everything(play), before, 'a dry run changes nothing');

  // The broom first: it goes behind every phase, and is planned on the world as it is now.
  const sweptReally = await outcome(() => sweep([dataset], { resync, dryRun: false }, play.around));
  assert.deepEqual(sweptReally, swept);
  const taken = await outcome(async () => [
    await reconcile({ dataset, phase, resync, dryRun: false }, play.around),
  ]);
  assert.deepEqual(taken, planned);
  return [...taken, ...swept].flatMap((step) => /"kind":"(\w+)"/.exec(step)?.[1] ?? []);
}

/** The steps of a pass, or why it did none. */
async function outcome(pass: () => Promise<readonly PassReport[]>): Promise<readonly string[]> {
  try {
    return (await pass()).flatMap(stepsOf);
  } catch (error) {
    if (error instanceof Error && ['DriverError', 'ForeignMarker'].includes(error.name))
      return [error.message];
    throw error;
  }
}

describe('a dry run', function () {
  this.timeout(600_000);
  const stage = stageOfSuite();

  it('plans the steps that are then taken, of every kind, and a rule speaks of every file, whatever state the world is in', async () => {
    const kinds = new Set<string>();
    const property = fc.asyncProperty(SETTING, SCENES, async (setting, scenes) => {
      const play = await aPlay(stage(), setting);
      try {
        for (const scene of scenes) {
          if (scene.is !== 'pass') await perform(play, scene);
          else for (const kind of await tryPass(play, scene.phase, scene.resync)) kinds.add(kind);
        }
        await everyFileIsExplained(play);
      } finally {
        await play.close();
      }
    });
    const examples = [WELL, ...SELDOM].map((scenes): [Setting, Scene[]] => [ROOMY, [...scenes]]);
    await fc.assert(property, { numRuns: 20, seed: 4711, examples });
    assert.deepEqual([...kinds].sort(), [...STEP_KINDS].sort());
  });
});
