import assert from 'node:assert/strict';
import { transition } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { advance, type Position } from '../../machines/advance.ts';
import { fileMachine } from '../../machines/file.ts';
import { FILE_STATES } from '../../machines/model.ts';
import { ERRORS, FILE_FACTS, factText, POSITIONS, standing } from './facts.ts';

/** A file's life: [where it stands, what is seen, where it goes]. Whatever is not here leaves it where it is. */
const LIFE: readonly (readonly [Position, string, Position])[] = [
  [standing('pending'), 'copy.present', standing('transferred')],
  [standing('pending'), 'transfer.failed', ERRORS.transfer],

  [standing('transferred'), 'check.passed', standing('verified')],
  [standing('transferred'), 'check.failed copy', ERRORS.copy],
  [standing('transferred'), 'check.failed catalog', ERRORS.catalog],
  [standing('transferred'), 'copy.absent', standing('pending')],

  [standing('verified'), 'job.accepted', standing('running')],
  [standing('verified'), 'copy.absent', standing('pending')],
  [standing('verified'), 'check.failed copy', ERRORS.copy],
  [standing('verified'), 'check.failed catalog', ERRORS.catalog],

  [standing('running'), 'job.succeeded', standing('done')],
  [standing('running'), 'job.failed', ERRORS.process],
  [standing('running'), 'job.lost', ERRORS.process],
  [standing('running'), 'check.failed copy', ERRORS.copy],
  [standing('running'), 'check.failed catalog', ERRORS.catalog],
  // A change of the spec, or a person, takes a file out of the hands of its job.
  [standing('running'), 'processing.outdated present', standing('verified')],
  [standing('running'), 'processing.outdated gone', standing('pending')],
  [standing('running'), 'operator.cleaned', standing('verified')],

  [standing('done'), 'outputs.copied', standing('copied')],
  [standing('done'), 'output.absent', ERRORS.process],
  [standing('done'), 'output.corrupt', ERRORS.process],
  [standing('done'), 'processing.outdated present', standing('verified')],
  [standing('done'), 'processing.outdated gone', standing('pending')],

  [standing('copied'), 'outputs.missing', standing('done')],
  [standing('copied'), 'output.absent', ERRORS.process],
  [standing('copied'), 'output.corrupt', ERRORS.process],
  [standing('copied'), 'processing.outdated present', standing('verified')],
  [standing('copied'), 'processing.outdated gone', standing('pending')],

  ...(['verified', 'running', 'done', 'copied'] as const).map(
    (state) => [standing(state), 'source.replaced', standing('pending')] as const,
  ),
  ...(['retry.due', 'operator.cleaned'] as const).flatMap((forgiven) => [
    [ERRORS.transfer, forgiven, standing('pending')] as const,
    [ERRORS.copy, forgiven, standing('pending')] as const,
    [ERRORS.catalog, forgiven, standing('transferred')] as const,
    [ERRORS.process, forgiven, standing('verified')] as const,
  ]),
  ...Object.values(ERRORS).map((error) => [error, 'difference.waived', standing('done')] as const),
];

const placeText = ({ state, phase, fault }: Position) =>
  [state, phase, fault].filter((part) => part !== null).join(' ');

describe('the life of a file', () => {
  for (const [from, seen, to] of LIFE) {
    it(`goes from ${placeText(from)} by ${seen} to ${placeText(to)}`, () => {
      const fact = FILE_FACTS.find((one) => factText(one) === seen);
      assert.ok(fact, `${seen} is a fact`);
      assert.deepEqual(advance(from, fact), to);
    });
  }

  it('stays the very same object on every fact its state has no use for', () => {
    for (const at of POSITIONS) {
      for (const fact of FILE_FACTS) {
        const moves = LIFE.some(
          ([from, seen]) => placeText(from) === placeText(at) && seen === factText(fact),
        );
        if (!moves) assert.equal(advance(at, fact), at, `${placeText(at)} by ${factText(fact)}`);
      }
    }
  });

  it('leaves an error waived as an input where it is, to be settled by a row', () => {
    for (const at of Object.values(ERRORS)) assert.equal(advance(at, { type: 'input.waived' }), at);
  });
});

describe('the machine of a file', () => {
  const paths = getShortestPaths(fileMachine, { events: [...FILE_FACTS] });

  it('has the states of the model', () => {
    assert.deepEqual(Object.keys(fileMachine.states).sort(), [...FILE_STATES].sort());
  });

  it('reaches every state', () => {
    const reached = new Set(paths.map(({ state }) => state.value));
    assert.deepEqual([...reached].sort(), [...FILE_STATES].sort());
  });

  it('reaches every way to stand in error, and no other', () => {
    const errors = paths
      .filter(({ state }) => state.value === 'error')
      .map(({ state: { value, context } }) => placeText({ state: value, ...context }));
    assert.deepEqual([...new Set(errors)].sort(), Object.values(ERRORS).map(placeText).sort());
  });

  it('can leave every state that is not final, wherever it was reached from', () => {
    const stuck = paths
      .filter(({ state }) => state.status !== 'done')
      .filter(({ state }) =>
        FILE_FACTS.every((fact) => transition(fileMachine, state, fact)[0].value === state.value),
      );
    assert.deepEqual(
      stuck.map(({ state }) => state.value),
      [],
    );
  });

  it('forgets phase and fault when it leaves error', () => {
    for (const { state } of paths.filter((one) => one.state.value !== 'error')) {
      assert.deepEqual(state.context, { phase: null, fault: null });
    }
  });
});
