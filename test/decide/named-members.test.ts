import assert from 'node:assert/strict';
import {
  byRun,
  runInName,
  unknownRuns,
  unwantedRun,
} from '../../reconcilers/decide/members/named-members.ts';
import type { DatasetSpec } from '../../specs/types.ts';
import { aDataset } from '../builders.ts';
import { aSpec } from '../spec-builders.ts';

describe('runInName', () => {
  const cases: readonly (readonly [string, string, string, number | null])[] = [
    ['takes the first group', 'all_195142_001.raw', '_([0-9]+)_', 195142],
    ['is not misled by leading zeros', 'all_0000195142_001.raw', '_([0-9]+)_', 195142],
    ['knows the classes of POSIX', 'all_195142_001.raw', '_([[:digit:]]+)_', 195142],
    ['knows run 0', 'all_0_001.raw', '_([0-9]+)_', 0],
    ['finds none where the name does not match', 'notes.txt', '_([0-9]+)_', null],
    ['finds none in a group that is no number', 'all_x_001.raw', '_([a-z]+)_', null],
    ['finds none in a group that took no part', 'a', 'a|_([0-9]+)', null],
    ['finds none in a number no run can be', 'all_99999999999999999999_1', '_([0-9]+)_', null],
  ];
  for (const [title, name, pattern, run] of cases) {
    it(title, () => assert.equal(runInName(pattern)(name), run));
  }
});

describe('byRun', () => {
  const files = [
    { name: 'a_1_x', run: null },
    { name: 'a_2_x', run: null },
    { name: 'b', run: null },
    { name: 'c', run: 1 },
    { name: 'd', run: 2 },
  ];
  const told = (input: Partial<DatasetSpec['input']>) => {
    const { wanted, unknown } = byRun(aDataset({ input: { ...aSpec().input, ...input } }), files);
    const names = (among: typeof files) => among.map(({ name }) => name).join(' ');
    return [names([...wanted]), names([...unknown])];
  };
  const pattern = { pattern: '_([0-9]+)_' };
  const none = { include: [], exclude: [] };
  const cases: readonly (readonly [string, Partial<DatasetSpec['input']>, string, string])[] = [
    ['wants all where nobody asks for runs', {}, 'a_1_x a_2_x b c d', ''],
    [
      'leaves out an excluded run, and those of unknown runs',
      { runs: { ...none, exclude: [[1, 1]] } },
      'd',
      'a_1_x a_2_x b',
    ],
    ['wants no more than the runs included', { runs: { ...none, include: [[1, 1]] } }, 'c', 'a_1_x a_2_x b'],
    ['reads runs from names', { runs: { ...none, exclude: [[1, 1]] }, run: pattern }, 'a_2_x d', 'b'],
    [
      'leaves out a file that no run is found for, though any run would do',
      { run: pattern },
      'a_1_x a_2_x c d',
      'b',
    ],
    [
      'lets exclude win over include',
      { runs: { include: [[1, 2]], exclude: [[2, 2]] }, run: pattern },
      'a_1_x c',
      'b',
    ],
  ];
  for (const [title, input, wanted, unknown] of cases) {
    it(title, () => assert.deepEqual(told(input), [wanted, unknown]));
  }

  it('tells members their runs', () => {
    const { wanted } = byRun(aDataset({ input: { ...aSpec().input, run: pattern } }), files);
    assert.deepEqual(
      wanted.map(({ run }) => run),
      [1, 2, 1, 2],
    );
  });
});

describe('unwantedRun', () => {
  const of = (input: Partial<DatasetSpec['input']>, name: string, run: number | null) =>
    unwantedRun(aDataset({ input: { ...aSpec().input, ...input } }), { name, run }) ?? 'wanted';
  const runs = { include: [], exclude: [[5, 7]] } as const;
  const run = { pattern: '_([0-9]+)_' };
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['where nobody asks for runs', of({}, 'a', null), /^wanted$/],
    ['that is not excluded', of({ runs }, 'a', 4), /^wanted$/],
    ['that was excluded since', of({ runs }, 'a', 6), /^run 6 is not wanted/],
    ['that only its name tells', of({ runs, run }, 'a_7_b', null), /^run 7 is not wanted/],
    ['that nobody knows', of({ runs }, 'a_4_b', null), /^its run is not known/],
  ];
  for (const [title, said, expected] of cases) {
    it(`judges a run ${title}`, () => assert.match(said, expected));
  }
});

describe('unknownRuns', () => {
  it('names the first files and counts the others', () => {
    assert.equal(unknownRuns(aDataset(), []), null);
    assert.match(unknownRuns(aDataset(), ['a']) ?? '', /^1 file is not processed.*: a; say how/);
    assert.match(
      unknownRuns(aDataset(), ['a', 'b', 'c', 'd', 'e']) ?? '',
      /^5 files .*: a, b, c and 2 more;/,
    );
  });
});
