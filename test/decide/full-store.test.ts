/** A store that takes nothing more, not even the installation's marker. */
import assert from 'node:assert/strict';
import { DriverError } from '../../reconcilers/ports/errors.ts';
import type { SitePorts } from '../../reconcilers/ports/ports.ts';
import { reconcile, type Surroundings } from '../../reconcilers/reconcile.ts';
import { aPlay, type Play, ROOMY, stageOfSuite } from './play.ts';

/** The same ports, but one store is full. */
function withFull(ports: SitePorts, name: string): SitePorts {
  const store = ports.stores.get(name);
  if (store === undefined) throw new Error(`there is no store ${name}`);
  const replaceText = () => Promise.reject(new DriverError('unavailable', 'no space left on device'));
  return { ...ports, stores: new Map([...ports.stores, [name, { ...store, replaceText }]]) };
}

describe('a pass that would write to a full store', function () {
  this.timeout(600_000);
  const stage = stageOfSuite();
  let play: Play;
  let full: Surroundings;
  beforeEach(async () => {
    play = await aPlay(stage(), ROOMY);
    full = { ...play.around, ports: withFull(play.around.ports, 'disk') };
  });
  afterEach(() => play.close());

  const transfer = async (around: Surroundings) =>
    reconcile({ dataset: await play.dataset(), phase: 'transfer', resync: false, dryRun: false }, around);
  const attempts = async () => {
    const { rows } = await stage().database.knex.raw(
      'SELECT a.state, count(*) AS files FROM attempts a JOIN datasets t ON t.id = a.dataset_id WHERE t.request_id = ? GROUP BY 1',
      [(await play.dataset()).requestId],
    );
    return rows;
  };

  it('creates nothing, and ends what it had intended as refused', async () => {
    const report = await transfer(full);
    assert.deepEqual(
      report.failures.map(({ outcome }) => outcome),
      [{ ok: false, code: 'refused', message: 'no space left on device' }],
    );
    assert.deepEqual(await attempts(), [{ state: 'refused', files: ROOMY.files }]);
    assert.equal(play.movers[0].orders.size, 0);
  });

  it('intends nothing more while the gate is closed, and says why', async () => {
    await transfer(full);
    const { waits } = await transfer(full);
    assert.match(waits[0]?.stop.text ?? '', /no space left on device/);
    assert.deepEqual(await attempts(), [{ state: 'refused', files: ROOMY.files }]);
  });

  it('goes on by itself once there is room', async () => {
    await transfer(full);
    play.clock.now += 3_600_000;
    await transfer(play.around);
    assert.equal(play.movers[0].orders.size, 1);
  });
});
