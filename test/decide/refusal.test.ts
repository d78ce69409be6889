import assert from 'node:assert/strict';
import { inputDiffers, refusalOf } from '../../reconcilers/decide/specs/refusal.ts';
import type { LoadedDataset } from '../../specs/types.ts';
import { aDataset } from '../builders.ts';
import { aSite, aSpec } from '../spec-builders.ts';

const BEFORE = aDataset();
const changed = (fields: Partial<LoadedDataset>): LoadedDataset => ({ ...BEFORE.loaded, ...fields });
const withRequest = (requestId: number | null) => changed({ spec: aSpec({ requestId }) });
const elsewhere = { site: aSite({ name: 'local' }), spec: aSpec({ site: 'local' }) };

describe('refusalOf', () => {
  const other = aDataset({ name: 'p18', requestId: 4712 }, { id: 2, requestId: 4712 });
  const cases: readonly [string, LoadedDataset, RegExp | undefined][] = [
    ['takes a spec that changes nothing', changed({}), undefined],
    ['takes a spec that leaves the request to be the one it is', withRequest(null), undefined],
    ['refuses another request', withRequest(4713), /^spec\.requestId: is 4711 for ever/],
    ['refuses the request of another dataset', withRequest(4712), /4712 is the request of dataset p18/],
    ['lets a dataset move to the site it names', changed({ ...elsewhere, siteIsNamed: true }), undefined],
    [
      'refuses a move to another site that no spec names',
      changed({ ...elsewhere, siteIsNamed: false }),
      /^spec\.site: is not written; the dataset works at here.*local; write site: here/,
    ],
  ];
  for (const [title, loaded, sentence] of cases) {
    it(title, () => {
      const refusal = refusalOf(loaded, BEFORE, [other]);
      if (sentence === undefined) assert.equal(refusal, undefined);
      else assert.match(refusal ?? '', sentence);
    });
  }

  it('refuses a new dataset the request of another', () => {
    assert.match(refusalOf(withRequest(4712), undefined, [other]) ?? '', /choose another, or leave it out/);
    assert.equal(refusalOf(withRequest(4713), undefined, [other]), undefined);
  });
});

describe('inputDiffers', () => {
  it('tells another input from the same', () => {
    assert.equal(inputDiffers(changed({}), BEFORE), false);
    assert.equal(inputDiffers(changed({ inputDigest: 'other' }), BEFORE), true);
  });
});
