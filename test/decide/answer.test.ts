/** The one answer about a file where several phases speak of it. */
import assert from 'node:assert/strict';
import { type Answers, firstOf, waiting } from '../../reconcilers/decide/answer.ts';
import { DONE_RULES, decideDone } from '../../reconcilers/decide/rules/done.ts';
import { type StopCode, stop } from '../../reconcilers/model/stops.ts';
import type { Totals } from '../../reconcilers/model/totals.ts';
import { aContext, aDataset, anInput, inputCounts, someTotals } from '../builders.ts';
import { anOutputSpec } from '../spec-builders.ts';

const NONE: Answers = { steps: [], waits: [], moves: [] };
const wait = (code: StopCode, rule: string) => waiting('export', rule, stop(code, 'because'));
const STEP = {
  phase: 'publish',
  rule: 'declareIt',
  kind: 'declare',
  because: 'it has its final name',
} as const;
const MOVE = { phase: 'export', of: 'file', from: 'done', to: 'copied', because: 'all is there' } as const;

describe('the first answer about a file', () => {
  const cases = [
    { it: 'is none where no rule speaks', answers: NONE, first: undefined },
    {
      it: 'is a step, whatever else waits',
      answers: { ...NONE, steps: [STEP], waits: [wait('orphaned', 'a')] },
      first: { is: 'step', ...STEP },
    },
    {
      it: 'is the stop of the first tier',
      answers: { ...NONE, waits: [wait('jobs.limit', 'a'), wait('orphaned', 'b')], moves: [MOVE] },
      first: { is: 'wait', ...wait('orphaned', 'b') },
    },
    {
      it: 'is a move where nothing is left to do then',
      answers: { ...NONE, moves: [{ ...MOVE, of: 'job' as const }, MOVE] },
      first: { is: 'move', ...MOVE },
    },
  ];
  for (const { it: title, answers, first } of cases) {
    it(title, () => assert.deepEqual(firstOf(answers), first));
  }
});

describe('what a file that is done waits for', () => {
  const exported = { to: 'far', path: '', when: 'fileDone', with: [], thenDelete: false } as const;
  const dataset = aDataset({ outputs: [anOutputSpec({ key: 'tmb', export: exported })] });
  const cases: readonly { it: string; totals: Partial<Totals>; code?: StopCode; rule?: string }[] = [
    {
      it: 'the other files',
      totals: { inputs: inputCounts({ done: 1, running: 2 }), outputs: { tmb: { promoted: 1 } } },
      code: 'dataset.notDone',
      rule: 'filesAreNotDone',
    },
    {
      it: 'outputs on their way',
      totals: { inputs: inputCounts({ done: 1 }), outputs: { tmb: { promoted: 1 } } },
      code: 'outputs.notDone',
      rule: 'outputsAreOnTheirWay',
    },
    {
      it: 'outputs that have trouble where they are to end',
      totals: { inputs: inputCounts({ done: 1 }), outputs: { tmb: { copied: 1 } }, outputsStopped: 1 },
      code: 'outputs.notDone',
      rule: 'outputsHaveTrouble',
    },
    {
      it: 'nothing once all is there',
      totals: { inputs: inputCounts({ done: 1 }), outputs: { tmb: { copied: 1 } } },
    },
  ];
  for (const { it: title, totals, code, rule } of cases) {
    it(title, () => {
      const context = aContext({ dataset, totals: someTotals(totals) });
      const decided = decideDone(context, anInput({ state: 'done' }));
      assert.equal(decided?.rule, rule);
      assert.equal(decided?.decision.do === 'wait' ? decided.decision.stop.code : undefined, code);
    });
  }

  it('is asked of every rule', () => {
    const tried = new Set(cases.map(({ rule }) => rule));
    assert.deepEqual(
      DONE_RULES.map(({ name }) => name).filter((name) => !tried.has(name)),
      [],
    );
  });

  it('is nothing where the dataset exports nothing, or the file is not done', () => {
    const context = aContext({ totals: someTotals({ inputs: inputCounts({ running: 2 }) }) });
    assert.equal(decideDone(context, anInput({ state: 'done' })), undefined);
    assert.equal(decideDone(aContext({ dataset }), anInput({ state: 'running' })), undefined);
  });
});
