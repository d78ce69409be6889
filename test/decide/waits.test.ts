/** Files that wait, grouped by the code of what they wait for. */
import assert from 'node:assert/strict';
import { PLACE_TAKEN } from '../../machines/problems.ts';
import { type Answers, waiting } from '../../reconcilers/decide/answer.ts';
import type { Budget } from '../../reconcilers/decide/steps/budget.ts';
import { type Alike, waitGroups } from '../../reconcilers/decide/waits.ts';
import type { StepKind } from '../../reconcilers/model/steps.ts';
import { type StopCode, stop } from '../../reconcilers/model/stops.ts';
import { anInput, anOutput, NOW } from '../builders.ts';

const NONE: Answers = { steps: [], waits: [], moves: [] };
const BUDGET: Budget = { jobs: 2, transfers: 3, delete: 1, quarantine: 1, cancel: 1 };

const waits = (...codes: readonly StopCode[]): Answers => ({
  ...NONE,
  waits: codes.map((code) => waiting('process', 'aRule', stop(code, `because of ${code}`))),
});

const step = (kind: StepKind): Answers => ({
  ...NONE,
  steps: [{ phase: 'process', rule: 'aRule', kind, because: 'it is there' }],
});

function inputs(id: number, files: number, answers: Answers, fields: Partial<Alike> = {}): Alike {
  const row = anInput({ id, name: `raw_${id}` });
  const last = `last_${id}`;
  return {
    subject: { kind: 'input', row },
    last,
    files,
    sinceMs: NOW - id,
    answers,
    problem: null,
    silent: null,
    ...fields,
  };
}

function outputs(id: number, files: number, answers: Answers): Alike {
  const row = anOutput({ id, name: `out_${id}` });
  return { ...inputs(id, files, answers), subject: { kind: 'output', row, input: anInput() } };
}

interface Case {
  readonly it: string;
  readonly alike: readonly Alike[];
  readonly filesPerJob?: number;
  /** Code, inputs, outputs, example. */
  readonly groups: readonly (readonly [StopCode, number, number, string])[];
}

const CASES: readonly Case[] = [
  { it: 'has no group where nothing waits', alike: [], groups: [] },
  {
    it: 'names the first tier first, and there what most files wait for',
    alike: [
      inputs(1, 900, waits('job.underWay')),
      inputs(2, 2, waits('orphaned')),
      inputs(3, 5, waits('suspended.inSpec')),
      inputs(4, 1, waits('failed.forGood')),
    ],
    groups: [
      ['failed.forGood', 1, 0, 'raw_4'],
      ['suspended.inSpec', 5, 0, 'raw_3'],
      ['orphaned', 2, 0, 'raw_2'],
      ['job.underWay', 900, 0, 'raw_1'],
    ],
  },
  {
    it: 'counts inputs and outputs of a code together, with an example of the most',
    alike: [
      inputs(1, 2, waits('failed.forGood')),
      outputs(9, 3, waits('failed.forGood')),
      inputs(5, 2, waits('failed.forGood')),
    ],
    groups: [['failed.forGood', 4, 3, 'out_9']],
  },
  {
    it: 'lets files take jobs in their order, as many files a job as it has; the rest waits for the limit',
    alike: [inputs(8, 10, step('submit')), inputs(1, 5, step('submit'))],
    filesPerJob: 3,
    groups: [
      ['jobs.limit', 9, 0, 'last_8'],
      ['not.looked', 6, 0, 'raw_1'],
    ],
  },
  {
    it: 'lets files that come and files that go share the transfers',
    alike: [inputs(1, 2, step('transfer')), outputs(2, 1_000_000, step('copy'))],
    groups: [
      ['transfers.limit', 0, 999_999, 'last_2'],
      ['not.looked', 2, 1, 'raw_1'],
    ],
  },
  {
    it: 'leaves what needs no such budget to the next pass',
    alike: [outputs(1, 7, step('declare'))],
    groups: [['not.looked', 0, 7, 'out_1']],
  },
  {
    it: 'does not call a system silent that nobody asked',
    alike: [inputs(1, 4, waits('system.silent')), inputs(2, 3, waits('system.silent', 'outputs.notDone'))],
    groups: [
      ['outputs.notDone', 3, 0, 'raw_2'],
      ['not.looked', 4, 0, 'raw_1'],
    ],
  },
  {
    it: 'names a system that did not answer when it was asked last',
    alike: [
      inputs(1, 4, step('submit'), { silent: stop('system.silent', 'no answer from tmb') }),
      inputs(2, 3, waits('orphaned'), { silent: stop('system.silent', 'no answer from tmb') }),
    ],
    groups: [
      ['orphaned', 3, 0, 'raw_2'],
      ['system.silent', 4, 0, 'raw_1'],
    ],
  },
  {
    it: 'leaves what no rule speaks of before a look to the next pass',
    alike: [inputs(1, 1, NONE)],
    groups: [['not.looked', 1, 0, 'raw_1']],
  },
  {
    it: 'names the place that another file has, whatever a pass would do',
    alike: [
      inputs(1, 2, step('submit'), { problem: { kind: PLACE_TAKEN, message: 'it belongs to a.raw' } }),
      inputs(3, 1, waits('jobs.limit'), { problem: { kind: PLACE_TAKEN, message: 'it belongs to b.raw' } }),
    ],
    groups: [['place.taken', 3, 0, 'raw_1']],
  },
];

describe('files that wait', () => {
  for (const { it: title, alike, filesPerJob = 1, groups } of CASES) {
    it(title, () => {
      const told = waitGroups(alike, BUDGET, filesPerJob);
      assert.deepEqual(
        told.map((group) => [group.code, group.inputs, group.outputs, group.example]),
        groups,
      );
    });
  }

  it('says who must act, and since when the oldest waits', () => {
    const [group] = waitGroups([inputs(1, 1, waits('orphaned')), inputs(7, 1, waits('orphaned'))], BUDGET, 1);
    assert.equal(group?.who, 'whoever writes the spec');
    assert.equal(group.sinceMs, NOW - 7);
    assert.equal(group.text, 'because of orphaned');
  });
});
