import assert from 'node:assert/strict';
import { isOfOurs, originOf, ringProblem } from '../../reconcilers/decide/members/descent.ts';

const made = (...through: readonly string[]) => ({ index: 0, madeFrom: 7, through });

describe('a file that an input names', () => {
  const cases = [
    { it: 'that nobody has made is a member', descent: undefined, is: { is: 'foreign', madeFrom: null } },
    { it: 'that another dataset made is one', descent: made('reco'), is: { is: 'foreign', madeFrom: 7 } },
    { it: 'at the end of a chain is one', descent: made('skim', 'reco'), is: { is: 'foreign', madeFrom: 7 } },
    { it: 'that the dataset made is none', descent: made('own'), is: { is: 'own output' } },
    {
      it: 'that was made from what the dataset made is none',
      descent: made('c', 'b', 'own', 'x'),
      is: { is: 'ring', ring: ['own', 'b', 'c', 'own'] },
    },
  ] as const;
  for (const { it: title, descent, is } of cases) {
    it(title, () => assert.deepEqual(originOf('own', descent), is));
  }

  it('is named with its ring, which is to be broken', () => {
    assert.match(ringProblem(['z', 'y'], ['a', 'b', 'a']), /2 files, like z, .*\(a → b → a\).*spec\.input/);
  });

  it('is nobody’s where only what is ours lies', () => {
    assert.ok(isOfOurs('disk/.rereco/attempts/r1-a-1/x') && isOfOurs('.rereco/quarantine/3/x'));
    assert.ok(!isOfOurs('raw/.rereco.txt'));
  });
});
