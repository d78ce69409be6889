/** A catalog that takes no entry closes the gate of its phase; one that does not take an entry fails that output. */
import assert from 'node:assert/strict';
import type { Phase } from '../../machines/model.ts';
import type { Catalog } from '../../reconcilers/ports/catalog.ts';
import { DriverError, type DriverErrorCode } from '../../reconcilers/ports/errors.ts';
import { reconcile, type Surroundings } from '../../reconcilers/reconcile.ts';
import { aPlay, type Play, ROOMY, stageOfSuite } from './play.ts';
import { perform, WELL } from './scenes.ts';

/** The same catalog, but every declaration is answered with a code: of the call, or of the entry. */
function answering(catalog: Catalog, code: DriverErrorCode, of: 'call' | 'entry'): Catalog {
  const outcome = { ok: false, code, message: 'the quota is used up' } as const;
  return {
    ...catalog,
    async declare(files) {
      if (of === 'call') throw new DriverError(code, outcome.message);
      return new Map(files.map(({ name }) => [name, outcome]));
    },
  };
}

describe('a catalog that does not take what is declared', function () {
  this.timeout(600_000);
  const stage = stageOfSuite();
  let play: Play;
  beforeEach(async () => {
    play = await aPlay(stage(), ROOMY);
    for (const scene of WELL.slice(0, 7)) {
      if (scene.is === 'pass') await pass(play.around, scene.phase);
      else await perform(play, scene);
    }
  });
  afterEach(() => play.close());

  const pass = async (around: Surroundings, phase: Phase = 'publish') =>
    reconcile({ dataset: await play.dataset(), phase, resync: false, dryRun: false }, around);
  const saying = (code: DriverErrorCode, of: 'call' | 'entry' = 'call'): Surroundings => ({
    ...play.around,
    ports: { ...play.around.ports, catalog: answering(play.around.ports.catalog, code, of) },
  });
  /** Of the outputs that are declared: where they stand, and what is held against them. */
  const outputs = async () => {
    const { rows } = await stage().database.knex.raw(
      `SELECT s.state, s.class, s.retries_used AS retries FROM output_states s JOIN datasets t ON t.id = s.dataset_id
       WHERE t.request_id = ? AND s.output_key = 'dst' ORDER BY s.file_id`,
      [(await play.dataset()).requestId],
    );
    return rows;
  };
  const untouched = { state: 'promoted', class: null, retries: 0 };

  for (const [code, stop] of [
    ['refused', 'system.full'],
    ['unavailable', 'system.full'],
    ['forbidden', 'order.rejected'],
  ] as const) {
    it(`is asked again later where it says ${code}, and no output has failed`, async () => {
      await pass(saying(code));
      assert.deepEqual(await outputs(), Array(ROOMY.files).fill(untouched));
      const { steps, waits } = await pass(saying(code));
      assert.deepEqual(steps, []);
      assert.deepEqual(
        waits.map((wait) => wait.stop.code),
        Array(ROOMY.files).fill(stop),
      );
      assert.match(waits[0]?.stop.text ?? '', /the catalog .*: the quota is used up \(asked again in/);
    });
  }

  it('is asked again once the wait is over, and its gate is open when it takes them', async () => {
    await pass(saying('refused'));
    play.clock.now += 3_600_000;
    await pass(play.around);
    assert.deepEqual(await outputs(), Array(ROOMY.files).fill({ ...untouched, state: 'declared' }));
    assert.deepEqual((await play.around.records.totals(await play.dataset())).gates, {});
  });

  it('fails the one output whose entry it does not take', async () => {
    await pass(saying('rejected', 'entry'));
    assert.deepEqual(await outputs(), Array(ROOMY.files).fill({ ...untouched, class: 'data' }));
    assert.deepEqual((await play.around.records.totals(await play.dataset())).gates, {});
  });
});
