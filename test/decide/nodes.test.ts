/** A command that is not found on one node, on two, and never. */
import assert from 'node:assert/strict';
import { reconcile } from '../../reconcilers/reconcile.ts';
import { aPlay, type Play, ROOMY, stageOfSuite } from './play.ts';
import { endUnfound, perform } from './scenes.ts';

describe('a command that is not found', function () {
  this.timeout(600_000);
  const stage = stageOfSuite();
  let play: Play;
  beforeEach(async () => {
    play = await aPlay(stage(), ROOMY);
    for (const phase of ['transfer', 'moves', 'transfer', 'verify', 'process'] as const) {
      if (phase === 'moves') await perform(play, { is: 'moves end', how: 'well' });
      else await pass(phase);
    }
  });
  afterEach(() => play.close());

  async function pass(phase: 'transfer' | 'verify' | 'process'): Promise<void> {
    const dataset = await play.dataset();
    await reconcile({ dataset, phase, resync: false, dryRun: false }, play.around);
  }

  /** The jobs of the last submission do not find their command on a node. */
  async function failOn(node: string): Promise<void> {
    const last = play.batch.created.at(-1);
    assert.ok(last);
    for (const { index } of last.jobs) await endUnfound(play, last.name, index, node);
    await pass('process');
  }

  async function later(): Promise<void> {
    play.clock.now += 4_000_000;
    await pass('process');
  }

  async function classes(): Promise<readonly unknown[]> {
    const { id } = await play.dataset();
    const { rows } = await stage().database.knex.raw(
      'SELECT DISTINCT state, class, failed_nodes AS nodes FROM input_states WHERE dataset_id = ?',
      [id],
    );
    return rows;
  }
  const avoided = () => play.batch.created.map(({ avoidNodes }) => avoidNodes);

  it('is tried once more on another node, and then the software is at fault', async () => {
    await failOn('wn1');
    assert.deepEqual(await classes(), [{ state: 'error', class: 'site', nodes: ['wn1'] }]);
    await later();
    assert.deepEqual(avoided(), [[], ['wn1']]);
    await failOn('wn2');
    assert.deepEqual(await classes(), [{ state: 'error', class: 'software', nodes: ['wn1', 'wn2'] }]);
    await later();
    assert.equal(play.batch.created.length, 2);
  });

  it('is that node’s fault while it is found nowhere else to be missing, and burns no retry', async () => {
    for (let tries = 0; tries < 5; tries += 1) {
      await failOn('wn1');
      await later();
    }
    const { id } = await play.dataset();
    const { rows } = await stage().database.knex.raw(
      'SELECT DISTINCT class, retries_used AS used, site_retries AS site FROM input_states WHERE dataset_id = ?',
      [id],
    );
    assert.deepEqual(rows, [{ class: 'site', used: 0, site: 5 }]);
  });

  it('leaves nothing behind where the next node has it', async () => {
    await failOn('wn1');
    await later();
    await perform(play, { is: 'jobs end', how: 'well' });
    await pass('process');
    const { trouble } = await play.around.records.totals(await play.dataset());
    assert.deepEqual(trouble.alike, []);
  });
});
