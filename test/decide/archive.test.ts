import assert from 'node:assert/strict';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { archiveRules } from '../../reconcilers/decide/rules/archive.ts';
import { intend } from '../../reconcilers/decide/steps/intents.ts';
import { numbered, numbersNeeded, plan } from '../../reconcilers/decide/steps/plan.ts';
import { EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import { NOTHING_SEEN } from '../../reconcilers/model/world.ts';
import { aContext, aDataset, aSubmission, NOW } from '../builders.ts';

const BEGUN = {
  id: 7,
  store: 'tape',
  path: 'old/logs/r1-x-7.tar',
  submissions: [
    { id: 3, name: 'r1-x-3' },
    { id: 4, name: 'r1-x-4' },
  ],
};

function planned(fields: Parameters<typeof aDataset>[0], page: Partial<typeof EMPTY_PAGE>) {
  const context = aContext({ dataset: aDataset(fields) });
  const whole = { ...EMPTY_PAGE, ...page };
  const { retry } = context.dataset.loaded.spec;
  const options = { now: NOW, phase: 'archive', retry } as const;
  const { standing } = changeOf(whole, [], options);
  const { steps } = plan(context, archiveRules.decide(context, whole, NOTHING_SEEN, standing), []);
  const needed = numbersNeeded(steps);
  const all = numbered(steps, 20);
  const { change } = changeOf(whole, intend(context, all, standing), options);
  return { needed, steps: all, archives: change.archives };
}

describe('an archive that was begun', () => {
  for (const [what, archive] of [
    ['the spec goes elsewhere by now', { store: 'disk', path: 'new', jobsPerTar: 1 }],
    ['the spec archives nothing any more', null],
  ] as const) {
    it(`is gone on with under its name, its submissions, its place, also where ${what}`, () => {
      const { steps, needed, archives } = planned({ archive }, { archives: [BEGUN] });
      assert.equal(needed, 0);
      assert.deepEqual(archives, [], 'its intent is on record already');
      assert.equal(steps.length, 1);
      const [step] = steps;
      assert.ok(step?.kind === 'archive');
      assert.deepEqual(
        [step.number, step.path, step.store, step.submissions],
        [7, BEGUN.path, 'tape', BEGUN.submissions],
      );
    });
  }

  it('is begun with its submissions on record as its own', () => {
    const archive = { store: 'disk', path: 'logs', jobsPerTar: 1 };
    const { needed, archives } = planned(
      { archive },
      { submissions: [aSubmission({ id: 3, name: 'r1-x-3' })] },
    );
    assert.equal(needed, 1);
    assert.deepEqual(
      archives.map(({ id, submissions, stored }) => [id, submissions, stored]),
      [[20, [3], null]],
    );
  });
});
