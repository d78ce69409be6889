import assert from 'node:assert/strict';
import { type Budget, budgetOf, withinBudget } from '../../reconcilers/decide/steps/budget.ts';
import type { Decided, Decision } from '../../reconcilers/model/steps.ts';
import { stop } from '../../reconcilers/model/stops.ts';
import { aContext, aDataset, anInput, inputCounts, someTotals } from '../builders.ts';
import { aSpec, someLimits } from '../spec-builders.ts';

const PLENTY = 1000;

describe('the budget of a pass', () => {
  const limits = someLimits({ jobs: 10, transfers: 5 });
  const dataset = aDataset({ limits });

  it('is what the limits leave beside what is in motion', () => {
    const totals = someTotals({ liveJobs: 4, liveTransfers: 2 });
    assert.deepEqual(budgetOf(aContext({ dataset, totals }), PLENTY), {
      jobs: 6,
      transfers: 3,
      delete: 10,
      quarantine: 20,
      cancel: 30,
    });
  });

  it('has no more jobs than the site has room for', () => {
    assert.equal(budgetOf(aContext({ dataset }), 3).jobs, 3);
    assert.equal(budgetOf(aContext({ dataset }), -1).jobs, 0);
  });

  it('is never negative, whatever is in motion under limits that were lowered since', () => {
    const totals = someTotals({ liveJobs: 40, liveTransfers: 20 });
    const { jobs, transfers } = budgetOf(aContext({ dataset, totals }), PLENTY);
    assert.deepEqual([jobs, transfers], [0, 0]);
  });

  const scouting = (filesPerJob: number, done: number, liveJobs: number) => {
    const job = { ...aSpec().job, filesPerJob };
    const totals = someTotals({ inputs: inputCounts({ done, verified: 50 }), liveJobs });
    const scouts = aDataset({ job, limits: { ...limits, scouts: 4 } });
    return budgetOf(aContext({ dataset: scouts, totals }), PLENTY).jobs;
  };

  it('lets scouts go first, alone', () => {
    assert.equal(scouting(1, 0, 0), 4);
    assert.equal(scouting(1, 0, 3), 1);
    assert.equal(scouting(1, 3, 1), 0);
  });

  it('counts scouts in files, not jobs', () => {
    assert.equal(scouting(2, 0, 0), 2);
    assert.equal(scouting(3, 0, 0), 2);
  });

  it('lets the others follow when the scouts are done', () => {
    assert.equal(scouting(1, 4, 0), 10);
  });
});

const submit = (name: string): Decided => ({
  name,
  rule: 'aRule',
  decision: { do: 'submit', input: anInput({ name }), because: 'verified' },
});
const transfer = (name: string, way: 'transfer' | 'copy' = 'transfer'): Decided => ({
  name,
  rule: 'aRule',
  decision: {
    do: way,
    endpoint: { from: 'far', to: 'disk' },
    move: { fileId: 1, name, from: name, sizeBytes: null, checksum: null },
    because: 'wanted',
  },
});
const cancel = (name: string): Decided => ({
  name,
  rule: 'aRule',
  decision: {
    do: 'step',
    step: {
      kind: 'cancel',
      phase: 'process',
      names: [name],
      because: 'outdated',
      bytes: 0,
      submission: name,
    },
  },
});
const locate = (name: string): Decided => ({
  name,
  rule: 'aRule',
  decision: {
    do: 'step',
    step: {
      kind: 'locate',
      phase: 'publish',
      names: [name],
      because: 'declared',
      bytes: 0,
      fileId: 1,
      name,
      location: `disk:${name}`,
    },
  },
});

const budget: Budget = { jobs: 2, transfers: 1, delete: 0, quarantine: 0, cancel: 1 };
const kinds = (decided: readonly Decided[]) => decided.map(({ decision }) => decision.do);
const because = (decision: Decision | undefined) => (decision?.do === 'wait' ? decision.stop.text : '');

/** A context with so many files a job. */
const perJob = (filesPerJob: number) =>
  aContext({ dataset: aDataset({ job: { ...aSpec().job, filesPerJob } }) });

describe('withinBudget', () => {
  it('counts the jobs there will be: a file that is to avoid other nodes shares none', () => {
    const context = perJob(10);
    const nodes = { are: 'many', avoidable: true } as const;
    const elsewhere = (name: string, node: string): Decided => ({
      ...submit(name),
      decision: {
        do: 'submit',
        input: anInput({ name, class: 'site', failedNodes: [node] }),
        because: 'verified',
      },
    });
    const files = [
      submit('a'),
      elsewhere('b', 'n1'),
      submit('c'),
      elsewhere('d', 'n2'),
      elsewhere('e', 'n1'),
    ];
    const batch = { ...context.traits.batch, nodes };
    const { kept, left } = withinBudget(
      files,
      { ...budget, jobs: 2 },
      { ...context, traits: { ...context.traits, batch } },
    );
    assert.deepEqual(
      kept.map(({ decision }) => decision.do),
      ['submit', 'submit', 'submit', 'wait', 'submit'],
    );
    assert.equal(left.jobs, 0);
  });

  it('keeps what comes first and lets the rest wait, saying for what', () => {
    const { kept, left } = withinBudget([submit('a'), submit('b'), submit('c')], budget, perJob(1));
    assert.deepEqual(kinds(kept), ['submit', 'submit', 'wait']);
    assert.match(because(kept[2]?.decision), /limits\.jobs/);
    assert.equal(left.jobs, 0);
  });

  it('counts jobs by the files they take', () => {
    const files = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(submit);
    const { kept } = withinBudget(files, budget, perJob(3));
    assert.deepEqual(kinds(kept), [...Array(6).fill('submit'), 'wait']);
  });

  it('leaves for the next page no job that was begun', () => {
    assert.equal(withinBudget([submit('a')], budget, perJob(3)).left.jobs, 1);
  });

  it('has one purse for transfers either way', () => {
    const { kept } = withinBudget([transfer('a'), transfer('b', 'copy')], budget, perJob(1));
    assert.deepEqual(kinds(kept), ['transfer', 'wait']);
    assert.match(because(kept[1]?.decision), /limits\.transfers/);
  });

  it('cuts each kind of step by its own purse', () => {
    const { kept, left } = withinBudget([cancel('a'), cancel('b'), submit('c')], budget, perJob(1));
    assert.deepEqual(kinds(kept), ['step', 'wait', 'submit']);
    assert.match(because(kept[1]?.decision), /limits\.budgets\.cancel/);
    assert.deepEqual(left, { ...budget, cancel: 0, jobs: 1 });
  });

  it('leaves alone what costs nothing, and keeps the order and the names', () => {
    const wait: Decided = {
      name: 'w',
      rule: 'aRule',
      decision: { do: 'wait', stop: stop('bytes.unread', 'staging') },
    };
    const spent: Budget = { jobs: 0, transfers: 0, delete: 0, quarantine: 0, cancel: 0 };
    const decided = [wait, locate('x'), cancel('y')];
    const { kept } = withinBudget(decided, spent, perJob(1));
    assert.deepEqual(kept.slice(0, 2), decided.slice(0, 2));
    assert.deepEqual(
      kept.map(({ name }) => name),
      ['w', 'x', 'y'],
    );
  });
});
