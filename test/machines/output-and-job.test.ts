import assert from 'node:assert/strict';
import { transition } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { advanceJob, advanceOutput } from '../../machines/advance.ts';
import { jobMachine } from '../../machines/job.ts';
import { JOB_STATES, OUTPUT_STATES } from '../../machines/model.ts';
import { outputMachine } from '../../machines/output.ts';
import { JOB_FACTS, OUTPUT_FACTS } from './facts.ts';

/** [state, fact, next]: whatever is not here leaves an output where it is. */
const OUTPUT_LIFE: readonly (readonly [string, string, string])[] = [
  ['accepted', 'output.promoted', 'promoted'],
  ['promoted', 'output.declared', 'declared'],
  ['promoted', 'output.copied', 'copied'],
  ['declared', 'output.located', 'located'],
  ['declared', 'output.retracted', 'promoted'],
  ['located', 'output.copied', 'copied'],
  ['copied', 'output.deleted', 'deleted'],
  ['copied', 'far.absent', 'promoted'],
  ['copied', 'far.corrupt', 'promoted'],
  ['deleted', 'far.absent', 'lost'],
  ['deleted', 'far.corrupt', 'lost'],
  ...['accepted', 'promoted', 'declared', 'located', 'copied'].flatMap((state) => [
    [state, 'output.absent', 'lost'] as const,
    [state, 'output.corrupt', 'lost'] as const,
  ]),
  ...OUTPUT_STATES.map((state) => [state, 'output.superseded', 'lost'] as const),
];

const JOB_LIFE: readonly (readonly [string, string, string])[] = [
  ['pending', 'job.started', 'running'],
  ...['pending', 'running'].flatMap((state) => [
    [state, 'job.succeeded', 'done'] as const,
    [state, 'job.failed', 'error'] as const,
    [state, 'job.vanished', 'lost'] as const,
  ]),
];

const nextIn = (life: typeof JOB_LIFE, state: string, fact: string) =>
  life.find(([from, seen]) => from === state && seen === fact)?.[2] ?? state;

describe('the life of an output', () => {
  for (const state of OUTPUT_STATES) {
    it(`goes on from ${state} as its table says, and stays on any other fact`, () => {
      for (const fact of OUTPUT_FACTS) {
        assert.equal(advanceOutput(state, fact), nextIn(OUTPUT_LIFE, state, fact.type), fact.type);
      }
    });
  }

  it('is not lost when it is gone after it was deleted here: that absence is expected', () => {
    assert.equal(advanceOutput('deleted', { type: 'output.absent' }), 'deleted');
  });
});

describe('the life of a job', () => {
  for (const state of JOB_STATES) {
    it(`goes on from ${state} as its table says, and stays on any other fact`, () => {
      for (const fact of JOB_FACTS) {
        assert.equal(advanceJob(state, fact), nextIn(JOB_LIFE, state, fact.type), fact.type);
      }
    });
  }
});

describe('the machine of an output', () => {
  const paths = getShortestPaths(outputMachine, { events: [...OUTPUT_FACTS] });

  it('has the states of the model and reaches each of them', () => {
    assert.deepEqual(Object.keys(outputMachine.states).sort(), [...OUTPUT_STATES].sort());
    assert.deepEqual([...new Set(paths.map(({ state }) => state.value))].sort(), [...OUTPUT_STATES].sort());
  });

  it('can leave every state that is not final', () => {
    const stuck = paths.filter(
      ({ state }) =>
        state.status !== 'done' &&
        OUTPUT_FACTS.every((fact) => transition(outputMachine, state, fact)[0].value === state.value),
    );
    assert.equal(stuck.length, 0);
  });
});

describe('the machine of a job', () => {
  const paths = getShortestPaths(jobMachine, { events: [...JOB_FACTS] });

  it('has the states of the model and reaches each of them', () => {
    assert.deepEqual(Object.keys(jobMachine.states).sort(), [...JOB_STATES].sort());
    assert.deepEqual([...new Set(paths.map(({ state }) => state.value))].sort(), [...JOB_STATES].sort());
  });

  it('can leave every state that is not final', () => {
    const stuck = paths.filter(
      ({ state }) =>
        state.status !== 'done' &&
        JOB_FACTS.every((fact) => transition(jobMachine, state, fact)[0].value === state.value),
    );
    assert.equal(stuck.length, 0);
  });
});
