import assert from 'node:assert/strict';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { archiveRules, TAR_RULES } from '../../reconcilers/decide/rules/archive.ts';
import { intend } from '../../reconcilers/decide/steps/intents.ts';
import { numbered, numbersNeeded } from '../../reconcilers/decide/steps/numbers.ts';
import { plan } from '../../reconcilers/decide/steps/plan.ts';
import { EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import type { Totals } from '../../reconcilers/model/totals.ts';
import { NOTHING_SEEN } from '../../reconcilers/model/world.ts';
import type { DatasetSpec } from '../../specs/types.ts';
import { aContext, aDataset, aSubmission, inputCounts, NOW, someTotals } from '../builders.ts';
import { anOutputSpec } from '../spec-builders.ts';
import { type RuleCase, untried, verdictOf } from './one-file.ts';

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

const inTars = { archive: { store: 'tape', path: 'logs', jobsPerTar: 2 } };
const over = (...ids: readonly number[]) => ({
  submissions: ids.map((id) => aSubmission({ id, name: `r1-x-${id}` })),
});
const aTarContext = (totals: Partial<Totals> = {}, spec: Partial<DatasetSpec> = {}) =>
  aContext({ dataset: aDataset({ ...inTars, ...spec }), totals: someTotals(totals) });
const moving = { liveJobs: 1 };

const CASES: readonly RuleCase[] = [
  {
    it: 'fills a tar while more is to come',
    page: over(3),
    seen: NOTHING_SEEN,
    context: aTarContext(moving),
    rule: 'fillTheTar',
    does: 'tar.filling',
  },
  {
    it: 'archives a full one at once',
    page: over(3, 4),
    seen: NOTHING_SEEN,
    context: aTarContext(moving),
    rule: 'archiveThem',
    does: 'archive',
  },
  {
    it: 'archives what is left over when the dataset has come to rest',
    page: over(3),
    seen: NOTHING_SEEN,
    context: aTarContext({ inputs: inputCounts({ done: 1 }) }),
    rule: 'archiveThem',
    does: 'archive',
  },
  {
    it: 'takes files that wait for a person for at rest',
    page: over(3),
    seen: NOTHING_SEEN,
    context: aTarContext({ inputs: inputCounts({ error: 1 }), stopped: 1 }),
    rule: 'archiveThem',
    does: 'archive',
  },
  {
    it: 'waits for files that are tried again',
    page: over(3),
    seen: NOTHING_SEEN,
    context: aTarContext({ inputs: inputCounts({ error: 1 }) }),
    rule: 'fillTheTar',
    does: 'tar.filling',
  },
  {
    it: 'waits for files that can be started',
    page: over(3),
    seen: NOTHING_SEEN,
    context: aTarContext({ inputs: inputCounts({ verified: 1 }) }),
    rule: 'fillTheTar',
    does: 'tar.filling',
  },
  {
    it: 'waits for none that cannot, since the dataset is stopped',
    page: over(3),
    seen: NOTHING_SEEN,
    context: aTarContext({ inputs: inputCounts({ verified: 1 }) }, { suspend: true }),
    rule: 'archiveThem',
    does: 'archive',
  },
  {
    it: 'waits for outputs on their way',
    page: over(3),
    seen: NOTHING_SEEN,
    context: aTarContext(
      { inputs: inputCounts({ done: 1 }), outputs: { dst: { promoted: 1 } } },
      { outputs: [anOutputSpec({ declare: 'fileDone' })] },
    ),
    rule: 'fillTheTar',
    does: 'tar.filling',
  },
  {
    it: 'goes on with what was begun before, whatever the spec says by now',
    page: { archives: [BEGUN] },
    seen: NOTHING_SEEN,
    context: aTarContext(moving, { archive: null }),
    rule: 'begunBefore',
    does: 'archive',
  },
  {
    it: 'archives nothing where the spec does not',
    page: over(3, 4),
    seen: NOTHING_SEEN,
    context: aTarContext({}, { archive: null }),
  },
];

describe('the archive phase', () => {
  for (const one of CASES) {
    it(one.it, () => {
      assert.deepEqual(verdictOf(archiveRules, one), {
        finds: [],
        rules: one.rule === undefined ? [] : [one.rule],
        does: one.does === undefined ? [] : [one.does],
      });
    });
  }

  it('has a case for every rule', () => {
    assert.deepEqual(untried(TAR_RULES, CASES), []);
  });
});
