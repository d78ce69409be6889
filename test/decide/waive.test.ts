import assert from 'node:assert/strict';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import {
  type Waivable,
  type Waiver,
  waiverFindings,
  waiverOf,
} from '../../reconcilers/decide/facts/waive.ts';
import type { InputRow, OutputRow } from '../../reconcilers/model/rows.ts';
import { EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import { anInput, anOutput, NOW } from '../builders.ts';
import { aSpec } from '../spec-builders.ts';

const FAILED = { state: 'error', phase: 'process', class: 'data', retryAtMs: null } as const;
const WANTED = { keys: ['dst'], revision: 'r' };

const of = (
  input: Partial<InputRow>,
  accounted: number | null = null,
  output?: Partial<OutputRow>,
): Waivable => ({
  input: anInput({ eventCount: 10, ...input }),
  outputs:
    output === undefined
      ? []
      : [anOutput({ key: 'dst', revision: 'r', state: 'promoted', attemptId: 5, ...output })],
  accounted,
});

const ALL = { is: 'waived', kind: 'input', fact: { type: 'input.waived' } } as const;
const PART = { is: 'waived', kind: 'difference', fact: { type: 'difference.waived' } } as const;

const CASES: readonly { readonly it: string; readonly of: Waivable; readonly waiver: Waiver }[] = [
  { it: 'all events of a file that has failed', of: of(FAILED), waiver: { ...ALL, events: 10 } },
  {
    it: 'a file that could not be brought',
    of: of({ ...FAILED, phase: 'transfer' }),
    waiver: { ...ALL, events: 10 },
  },
  {
    it: 'a file whose events nobody knows',
    of: of({ ...FAILED, eventCount: null }),
    waiver: { ...ALL, events: null },
  },
  {
    it: 'what a file lacks all of whose outputs count',
    of: of(FAILED, 8, {}),
    waiver: { ...PART, events: 2 },
  },
  {
    it: 'all of a file an output of which counts no more',
    of: of(FAILED, 8, { revision: 'older' }),
    waiver: { ...ALL, events: 10 },
  },
  { it: 'what a file lacks that is done', of: of({ state: 'copied' }, 9), waiver: { ...PART, events: 1 } },
  {
    it: 'nothing of a file that lacks nothing',
    of: of({ state: 'done' }, 10),
    waiver: { is: 'nothing', why: 'done, with every event accounted for' },
  },
  {
    it: 'nothing of a file that has not failed',
    of: of({ state: 'running' }),
    waiver: { is: 'nothing', why: 'running: it has not failed' },
  },
  {
    it: 'nothing of a retired file',
    of: of({ ...FAILED, retiredMs: 1 }),
    waiver: { is: 'nothing', why: 'retired: it is kept out of the ledger' },
  },
  { it: 'nothing twice', of: of({ ...FAILED, waiverId: 3 }), waiver: { is: 'stands' } },
];

describe('a waiver', () => {
  for (const { it: title, of: named, waiver } of CASES) {
    it(`covers ${title}`, () => assert.deepEqual(waiverOf(named, WANTED), waiver));
  }

  const written = (named: Waivable) => {
    const word = { by: 'alice', because: 'its tape is torn', named: 'the file' };
    const findings = waiverFindings(named, waiverOf(named, WANTED), 7, word);
    const page = { ...EMPTY_PAGE, inputs: [named.input], outputs: named.outputs };
    const { change } = changeOf(page, findings, { now: NOW, phase: 'process', retry: aSpec().retry });
    const [row] = change.inputs.map(({ after }) => after);
    const [move] = change.transitions;
    return { row, move: move && [move.from, move.to, move.fact, move.because] };
  };
  const SIGNED = 'waived by alice (the file): its tape is torn';

  it('leaves a failed file in error, tries it no more, and stands in its history', () => {
    const { row, move } = written(of({ ...FAILED, retryAtMs: NOW }));
    assert.deepEqual([row?.state, row?.waiverId, row?.retryAtMs], ['error', 7, null]);
    assert.deepEqual(move, ['error', 'error', 'input.waived', SIGNED]);
  });

  it('makes a failed file done all of whose outputs count', () => {
    const { row, move } = written(of(FAILED, 8, {}));
    assert.deepEqual([row?.state, row?.revision, row?.acceptedAttempt, row?.class], ['done', 'r', 5, null]);
    assert.deepEqual(move, ['error', 'done', 'difference.waived', SIGNED]);
  });

  it('ends the tries of a file that was resubmitted, under the entry that stands', () => {
    const { row } = written(of({ ...FAILED, waiverId: 3, retryAtMs: NOW }));
    assert.deepEqual([row?.waiverId, row?.retryAtMs], [3, null]);
    assert.equal(written(of({ ...FAILED, waiverId: 3 })).row, undefined);
  });
});
