import assert from 'node:assert/strict';
import { agreeing, counted } from '../../reconcilers/model/counted.ts';

describe('counted', () => {
  const cases = [
    [0, 'file', '0 files'],
    [1, 'file', '1 file'],
    [2, 'file', '2 files'],
    [1, 'retry', '1 retry'],
    [0, 'retry', '0 retries'],
    [3, 'copy', '3 copies'],
    [2, 'day', '2 days'],
    [1, 'process', '1 process'],
    [2, 'process', '2 processes'],
    [2, 'batch', '2 batches'],
  ] as const;
  for (const [count, noun, text] of cases) it(`says ${text}`, () => assert.equal(counted(count, noun), text));

  it('lets a verb agree with its count', () => {
    assert.deepEqual(
      [0, 1, 2].map((count) => agreeing(count, 'is', 'are')),
      ['are', 'is', 'are'],
    );
  });
});
