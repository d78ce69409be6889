/** What another installation has left in a store is counted, and never put away (law 2). */
import assert from 'node:assert/strict';
import { submissionName } from '../../reconcilers/model/names.ts';
import { sweep } from '../../reconcilers/sweep.ts';
import { aPlay, ROOMY, stageOfSuite } from './play.ts';

describe('a sweep', function () {
  this.timeout(60_000);
  const stage = stageOfSuite();

  it("leaves what lies under another installation's names, whatever stands on record", async () => {
    const play = await aPlay(stage(), ROOMY);
    try {
      const { records } = play.around;
      const { id } = await records.installation();
      const [ours, theirs] = [submissionName(1, id, 900), submissionName(1, 'theirs', 901)];
      const dataset = await play.dataset();
      const { contents } = play.stores.disk;
      for (const name of [ours, theirs]) contents.set(`.rereco/attempts/${name}/a`, Buffer.from('a'));
      // As if both stood on record, and were over: by rows copied from another database by hand.
      const sweeping: typeof records.sweeping = {
        ...records.sweeping,
        overAmong: async (names) => new Map(names.map((name) => [name, { dataset, swept: false }])),
      };
      const around = { ...play.around, records: { ...records, sweeping } };
      await sweep([dataset], { resync: true, dryRun: false }, around);
      const left = [...contents.keys()].filter((path) => path.startsWith('.rereco/attempts/'));
      assert.deepEqual(left, [`.rereco/attempts/${theirs}/a`]);
    } finally {
      await play.close();
    }
  });
});
