/**
 * What a page of many steps costs beside the steps themselves: statements to the database for each
 * step, and how long a store is waited for that takes its time.
 */
import assert from 'node:assert/strict';
import type { Phase } from '../../machines/model.ts';
import { guarded } from '../../reconcilers/act/guard.ts';
import { reconcile } from '../../reconcilers/reconcile.ts';
import { aPlay, type Play, ROOMY, type Stage } from '../decide/play.ts';
import { perform } from '../decide/scenes.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';
import { measured } from './work.ts';

const FILES = 200;

/** Statements of a page whose steps are all taken within a few seconds, whatever their number. */
const MOST_A_STEP = 0.5;

const BULK = { jobsPerSubmission: 1, filesPerSubmission: 100 };
const PLENTY = 1_000_000;

async function aCampaign(stage: Stage): Promise<Play> {
  const limits = { jobs: PLENTY, maxQueued: PLENTY, transfers: PLENTY, budget: PLENTY };
  return aPlay(stage, { ...ROOMY, ...limits, files: FILES }, BULK);
}

async function pass(play: Play, phase: Phase) {
  const dataset = await play.dataset();
  const { records, ports } = play.around;
  // As a daemon opens them: every call of a store looks for the marker.
  const guarding = { site: dataset.loaded.site, records, mayMake: true };
  const around = { ...play.around, ports: guarded(ports, guarding) };
  return reconcile({ dataset, phase, resync: false, dryRun: false }, around);
}

/** A pass of a phase, its steps of a kind, and what it cost. */
async function costOf(play: Play, phase: Phase, kind: string) {
  let statements = 0;
  const count = () => {
    statements += 1;
  };
  play.database.knex.on('query', count);
  const started = performance.now();
  const report = await pass(play, phase);
  const wallMs = performance.now() - started;
  play.database.knex.removeListener('query', count);
  assert.deepEqual(report.failures, []);
  return { steps: report.steps.filter((step) => step.kind === kind).length, statements, wallMs };
}

describe('a page of many steps', function () {
  this.timeout(600_000);
  let server: TestDatabase;
  before(async () => {
    server = await testDatabase();
  });
  after(() => server.close());

  const print = (what: string, { steps, statements, wallMs }: Awaited<ReturnType<typeof costOf>>) =>
    console.log(`      ${what}: ${steps} steps, ${statements} statements, ${wallMs.toFixed(0)} ms`);

  it('asks the database once for many promotions, and waits for several at once', async () => {
    await measured(server, async (stage) => {
      const play = await aCampaign(stage);
      for (const phase of ['transfer', 'verify', 'process'] as const) {
        await pass(play, phase);
        if (phase === 'transfer') {
          await perform(play, { is: 'moves end', how: 'well' });
          await pass(play, phase);
        }
      }
      await perform(play, { is: 'jobs end', how: 'well' });
      for (const store of Object.values(play.stores)) store.takes(5);
      const cost = await costOf(play, 'process', 'promote');
      print('promotions, each call of a store 5 ms', cost);
      assert.equal(cost.steps, 2 * FILES);
      assert.ok(cost.statements / cost.steps < MOST_A_STEP, `${cost.statements} for ${cost.steps}`);
      await play.close();
    });
  });

  it('asks the database once for many quarantines', async () => {
    await measured(server, async (stage) => {
      const play = await aCampaign(stage);
      await pass(play, 'transfer');
      await perform(play, { is: 'moves end', how: 'well' });
      await pass(play, 'transfer');
      for (const [path, bytes] of play.stores.disk.contents) {
        if (path.includes('/raw_')) play.stores.disk.contents.set(path, bytes.subarray(1));
      }
      const cost = await costOf(play, 'verify', 'quarantine');
      print('quarantines', cost);
      assert.equal(cost.steps, FILES);
      assert.ok(cost.statements / cost.steps < MOST_A_STEP, `${cost.statements} for ${cost.steps}`);
      await play.close();
    });
  });
});
