/** The machines are the single source of truth: what `changeOf` writes of a page is what they say of each row. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { transition } from 'xstate';
import type { Position } from '../../machines/advance.ts';
import { fileMachine } from '../../machines/file.ts';
import { jobMachine } from '../../machines/job.ts';
import { JOB_STATES, OUTPUT_STATES } from '../../machines/model.ts';
import { outputMachine } from '../../machines/output.ts';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { onInput, onJob, onOutput } from '../../reconcilers/model/findings.ts';
import { EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import { aJob, anInput, anOutput, NOW } from '../builders.ts';
import { FILE_FACTS, JOB_FACTS, OUTPUT_FACTS, POSITIONS } from '../machines/facts.ts';
import { RETRIES } from '../spec-builders.ts';

const OPTIONS = { now: NOW, phase: 'process', retry: RETRIES } as const;

/** Where the machine takes one file, asked for this file alone. */
function byMachine({ state, phase, fault }: Position, fact: (typeof FILE_FACTS)[number]) {
  const before = fileMachine.resolveState({ value: state, context: { phase, fault } });
  const [{ value, context }] = transition(fileMachine, before, fact);
  return { state: value, phase: context.phase, fault: context.fault };
}

const ALL = POSITIONS.flatMap((at) => FILE_FACTS.map((fact) => ({ at, fact })));

describe('the change of a page', () => {
  it('takes every file where the machine takes it, for every state, context and fact', () => {
    const inputs = ALL.map(({ at }, id) => anInput({ ...at, id }));
    const page = { ...EMPTY_PAGE, inputs };
    const findings = ALL.map(({ fact }, id) => onInput(id, { fact, because: 'seen' }));
    const { standing } = changeOf(page, findings, OPTIONS);
    for (const input of inputs) {
      const { fact } = ALL[input.id] ?? assert.fail();
      const { state, phase, fault } = standing.input(input.id);
      assert.deepEqual({ state, phase, fault }, byMachine(input, fact), `${input.state} ${fact.type}`);
    }
  });

  it('takes files through any facts as the machine does one by one, however they are mixed', () => {
    const life = fc.record({
      at: fc.constantFrom(...POSITIONS),
      facts: fc.array(fc.constantFrom(...FILE_FACTS)),
    });
    fc.assert(
      fc.property(fc.array(life, { maxLength: 8 }), (lives) => {
        const inputs = lives.map(({ at }, id) => anInput({ ...at, id }));
        const longest = Math.max(0, ...lives.map(({ facts }) => facts.length));
        const findings = Array.from({ length: longest }).flatMap((_, turn) =>
          lives.flatMap(({ facts }, id) => {
            const fact = facts[turn];
            return fact === undefined ? [] : [onInput(id, { fact, because: 'seen' })];
          }),
        );
        const { standing, change } = changeOf({ ...EMPTY_PAGE, inputs }, findings, OPTIONS);
        for (const [id, { facts }] of lives.entries()) {
          const row = inputs[id] ?? assert.fail();
          const end = facts.reduce<Position>(byMachine, row);
          const { state, phase, fault } = standing.input(id);
          assert.deepEqual([state, phase, fault], [end.state, end.phase, end.fault]);
        }
        assert.ok(change.inputs.every(({ before, after }) => before !== after));
      }),
    );
  });

  it('takes every output and every job where its machine takes it', () => {
    const ways = OUTPUT_STATES.flatMap((state) => OUTPUT_FACTS.map((fact) => ({ state, fact })));
    const outputs = ways.map(({ state }, id) => anOutput({ id, state }));
    const jobWays = JOB_STATES.flatMap((status) => JOB_FACTS.map((fact) => ({ status, fact })));
    const jobs = jobWays.map(({ status }, index) => aJob({ index, status }));
    const { standing, page } = changeOf(
      { ...EMPTY_PAGE, outputs, jobs },
      [
        ...ways.map(({ fact }, id) => onOutput(id, { fact, because: 'seen' })),
        ...jobs.map((job, at) => onJob(job, jobWays[at]?.fact ?? assert.fail(), 'seen')),
      ],
      OPTIONS,
    );
    for (const [id, { state, fact }] of ways.entries()) {
      const [{ value }] = transition(
        outputMachine,
        outputMachine.resolveState({ value: state, context: {} }),
        fact,
      );
      assert.equal(standing.output(id).state, value, `${state} ${fact.type}`);
    }
    for (const [index, { status, fact }] of jobWays.entries()) {
      const [{ value }] = transition(
        jobMachine,
        jobMachine.resolveState({ value: status, context: {} }),
        fact,
      );
      assert.equal(page.jobs.find((job) => job.index === index)?.status, value, `${status} ${fact.type}`);
    }
  });

  it('writes no row that has come back to what it was, and history of every move', () => {
    const page = { ...EMPTY_PAGE, inputs: [anInput({ id: 1, state: 'verified', copyPath: 'a' })] };
    const there = { fact: { type: 'job.accepted' }, because: 'taken' } as const;
    const { change } = changeOf(
      page,
      [onInput(1, there), onInput(1, { ...there, because: 'again' })],
      OPTIONS,
    );
    assert.deepEqual(
      change.transitions.map(({ from, to, because }) => [from, to, because]),
      [['verified', 'running', 'taken']],
    );
    assert.deepEqual(changeOf(page, [], OPTIONS).change.inputs, []);
  });
});
