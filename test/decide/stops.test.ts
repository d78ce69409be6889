import assert from 'node:assert/strict';
import { firstStop, STOP_TIERS, STOPS, stop } from '../../reconcilers/model/stops.ts';

describe('the catalogue of stops', () => {
  it('uses every tier', () => {
    const used = new Set(Object.values(STOPS).map(({ tier }) => tier));
    assert.deepEqual(
      STOP_TIERS.filter((tier) => !used.has(tier)),
      [],
    );
  });

  it('names somebody to act wherever time alone ends nothing, and nobody where it does', () => {
    const wrong = Object.entries(STOPS).filter(
      ([, { endsBy, who }]) => (endsBy === 'time') !== (who === null),
    );
    assert.deepEqual(wrong, []);
  });
});

describe('firstStop', () => {
  const full = stop('system.full', '600 jobs queued');
  const suspended = stop('suspended.inSpec', 'suspend: true');
  const orphaned = stop('orphaned', 'no spec asks for it');
  const cases = [
    { it: 'names nothing where nothing stops', stops: [], first: undefined },
    { it: 'names the first tier, wherever it stands', stops: [full, suspended], first: suspended },
    { it: 'keeps the order of the list within a tier', stops: [orphaned, suspended], first: orphaned },
  ];
  for (const { it: title, stops, first } of cases) {
    it(title, () => assert.equal(firstStop(stops), first));
  }
});
