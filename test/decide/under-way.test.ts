/** What files in motion wait for. */
import assert from 'node:assert/strict';
import { underWayStop } from '../../reconcilers/decide/rules/under-way.ts';
import { kindOf } from '../../reconcilers/model/stops.ts';
import { aJob, NOW } from '../builders.ts';
import { aWork } from '../work-builders.ts';

describe('the stop of a file in motion', () => {
  const silent = aWork({ job: aJob({ silentMs: NOW - 5000, silentTold: true }) });
  const cases = [
    { it: 'is its work', live: aWork(), isKnown: false, code: 'job.underWay', who: null },
    {
      it: 'is a person’s word once people were told that nothing is known of it',
      live: silent,
      isKnown: false,
      code: 'work.silent',
      who: 'you: rereco errors, then rereco settle',
    },
    {
      it: 'is its work again once that is answered for',
      live: silent,
      isKnown: true,
      code: 'job.underWay',
      who: null,
    },
  ] as const;
  for (const { it: title, live, isKnown, code, who } of cases) {
    it(title, () => {
      const stopped = underWayStop('job.underWay', live, 'attempt 1', isKnown);
      assert.deepEqual([stopped.code, kindOf(stopped).who], [code, who]);
    });
  }
});
