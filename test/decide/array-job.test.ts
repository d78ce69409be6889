/** One of two jobs of an array is forgotten by its batch system, which knows the other. */
import assert from 'node:assert/strict';
import { reconcile, type Surroundings } from '../../reconcilers/reconcile.ts';
import { aPlay, type Play, ROOMY, stageOfSuite } from './play.ts';
import { perform } from './scenes.ts';

const MINUTE = 60_000;

describe('an array one of whose jobs the batch system has forgotten', function () {
  this.timeout(600_000);
  const stage = stageOfSuite();
  let play: Play;
  beforeEach(async () => {
    play = await aPlay(stage(), ROOMY);
    for (const phase of ['transfer', 'moves', 'transfer', 'verify', 'process'] as const) {
      if (phase === 'moves') await perform(play, { is: 'moves end', how: 'well' });
      else await pass(phase, play.around);
    }
    assert.deepEqual(
      play.batch.created.map(({ jobs }) => jobs.length),
      [2],
    );
    await perform(play, { is: 'jobs start' });
  });
  afterEach(() => play.close());

  async function pass(phase: 'transfer' | 'verify' | 'process', around: Surroundings): Promise<void> {
    const dataset = await play.dataset();
    await reconcile({ dataset, phase, resync: true, dryRun: false }, around);
  }

  /** Answers name only the first job of every array; absence proves nothing at once. */
  function forgetful(complete: boolean): Surroundings {
    const { batch } = play.around.ports;
    const partly = {
      ...batch,
      absentIsFinal: false,
      observe: async (...asked: Parameters<typeof batch.observe>) => {
        const seen = await batch.observe(...asked);
        const found = [...seen.found].map(([name, { systemId, jobs }]) => {
          const first = new Map([...jobs].filter(([index]) => index === 0));
          return [name, { systemId, jobs: first }] as const;
        });
        return { ...seen, complete, found: new Map(found) };
      },
    };
    const { ports, traits } = play.around;
    return { ...play.around, ports: { ...ports, batch: partly }, traits: { ...traits, batch: partly } };
  }

  async function passes(count: number, everyMs: number, around: Surroundings): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      await pass('process', around);
      play.clock.now += everyMs;
    }
  }

  async function rows(sql: string): Promise<readonly Record<string, unknown>[]> {
    const { id } = await play.dataset();
    return (await stage().database.knex.raw(sql, [id])).rows;
  }
  const states = async () =>
    (await rows('SELECT state FROM input_states WHERE dataset_id = ? ORDER BY file_id')).map(
      (row) => row.state,
    );
  const jobs = async () =>
    (
      await rows(
        `SELECT j.status FROM submission_jobs j JOIN submissions b ON b.id = j.submission_id
         WHERE b.dataset_id = ? AND b.phase = 'process' ORDER BY 1`,
      )
    ).map((row) => row.status);

  it('loses that job after repeated absence and a grace, and leaves the other', async () => {
    await passes(3, MINUTE, forgetful(true));
    assert.deepEqual(await states(), ['running', 'running']);
    await passes(3, MINUTE, forgetful(true));
    assert.deepEqual(
      [await states(), await jobs()],
      [
        ['running', 'error'],
        ['lost', 'running'],
      ],
    );
    const [{ reason } = {}] = await rows(
      "SELECT reason FROM input_states WHERE dataset_id = ? AND state = 'error'",
    );
    assert.match(String(reason), /memory no longer knows r.*:1, and it has left no report/);
  });

  it('goes by the report that job left, where there is one', async () => {
    await perform(play, { is: 'jobs end', how: 'well' });
    await passes(2, MINUTE, forgetful(true));
    assert.deepEqual(
      [await states(), await jobs()],
      [
        ['done', 'done'],
        ['done', 'done'],
      ],
    );
  });

  it('keeps it while an answer that does not name it is cut short', async () => {
    await passes(5, 10 * MINUTE, forgetful(false));
    assert.deepEqual(
      [await states(), await jobs()],
      [
        ['running', 'running'],
        ['pending', 'running'],
      ],
    );
  });

  it('counts anew when it is named again', async () => {
    await passes(4, MINUTE, forgetful(true));
    await passes(1, MINUTE, { ...forgetful(true), ports: play.around.ports });
    await passes(4, MINUTE, forgetful(true));
    assert.deepEqual(await states(), ['running', 'running']);
  });
});
