/** What a spec's environment says arrives at the command, sign by sign. */
import assert from 'node:assert/strict';
import { aSmallWorld, smallSpec } from './small.ts';

describe('an environment of numbers', function () {
  this.timeout(60_000);

  it('arrives at the command as it is written in the spec', async () => {
    const values = [
      'run=0000176852',
      'RELEASE=17.0',
      'SEED=9007199254740993',
      'EXP=1e3',
      'MASK=0x1F',
      'in=yes',
      'ON=True',
    ];
    const environment = values.map((value) => value.replace('=', ': ')).join(', ');
    const world = await aSmallWorld(
      { 'a.txt': 3 },
      smallSpec({
        job: `command: "env >{output.dst}; cat {input} >>{output.dst}", environment: {${environment}}`,
      }),
    );
    try {
      assert.equal((await world.rereco('reconcile', '--until', 'settled')).code, 0);
      const lines = (await world.read('dst/a.dst')).split('\n');
      assert.deepEqual(
        values.filter((value) => !lines.includes(value)),
        [],
      );
    } finally {
      await world.close();
    }
  });
});
