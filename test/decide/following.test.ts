import assert from 'node:assert/strict';
import { followingOf, type PhasePlan } from '../../reconcilers/decide/following.ts';
import type { Transition } from '../../reconcilers/model/rows.ts';
import type { Step } from '../../reconcilers/model/steps.ts';
import { anOutputSpec, aSpec } from '../spec-builders.ts';

const far = { to: 'far', path: '', with: [], thenDelete: true, when: 'fileDone' } as const;
const PLAIN = aSpec({ outputs: [anOutputSpec({ declare: 'never', export: null })] });
const DECLARED = aSpec({ outputs: [anOutputSpec({ declare: 'fileDone', export: far })] });

const found = (id: number, to: string): Transition => ({
  subject: { kind: 'file', id },
  from: 'pending',
  to,
  phase: null,
  fact: 'copy.present',
  because: 'it is there',
  attempt: 0,
});
const about = { names: ['a'], because: 'wanted', bytes: 0 } as const;
const submit = (...ids: readonly number[]): Step => ({
  ...about,
  kind: 'submit',
  phase: 'process',
  jobs: ids.map((id) => [{ id, name: 'a', sizeBytes: 1, attempt: 0 }]),
  avoid: [],
  number: null,
});
const transfers = (...moves: readonly Transition[]): PhasePlan => ({ phase: 'transfer', moves, steps: [] });

describe('what follows a plan', () => {
  const cases = [
    { it: 'is nothing where nothing is planned', spec: DECLARED, plans: [], follows: [] },
    {
      it: 'is every later phase that the spec asks something of',
      spec: DECLARED,
      plans: [transfers(found(1, 'transferred'), found(2, 'transferred'))],
      follows: ['verify 2', 'process 2', 'publish 2', 'export 2'],
    },
    {
      it: 'leaves out what the spec does not ask for',
      spec: PLAIN,
      plans: [transfers(found(1, 'transferred'))],
      follows: ['verify 1', 'process 1'],
    },
    {
      it: 'counts no file twice that a later phase works on already',
      spec: PLAIN,
      plans: [
        transfers(found(1, 'transferred')),
        { phase: 'process', moves: [], steps: [submit(2, 3)] } as const,
      ],
      follows: ['verify 1', 'process 1'],
    },
    {
      it: 'goes no further with what is found in error',
      spec: PLAIN,
      plans: [transfers(found(1, 'error'))],
      follows: [],
    },
    {
      it: 'is what becomes of the outputs of files that are submitted',
      spec: DECLARED,
      plans: [{ phase: 'process', moves: [], steps: [submit(1, 2)] } as const],
      follows: ['publish 2', 'export 2'],
    },
  ];
  for (const { it: title, spec, plans, follows } of cases) {
    it(title, () =>
      assert.deepEqual(
        followingOf(spec, plans).map(({ phase, files }) => `${phase} ${files}`),
        follows,
      ),
    );
  }
});
