/** What specs alone tell of places that several outputs would have, and of rings. */
import assert from 'node:assert/strict';
import { canMeet, patternsOf } from '../../specs/pattern-tokens.ts';
import { type SpecCase, saysOf } from './cases.ts';
import { aDataset } from './folder.ts';

const named = (name: string, parts: Readonly<Record<string, string>>) => aDataset(parts, name);
const site = (name: string, stores: string) =>
  `apiVersion: rereco/v1\nkind: Site\nmetadata: {name: ${name}}\nspec: {stores: {${stores}}}\n`;
const RAW = { input: '{files: "raw/*"}' };
const to = (place: string) => ({ outputs: `{dst: {${place}}}` });

const CASES: readonly SpecCase[] = [
  {
    it: 'wants outputs that tell their inputs apart',
    files: {
      'a.yaml': named('a', { ...RAW, ...to('name: out.dst') }),
      'b.yaml': named('b', { ...RAW, ...to('name: out.dst, path: "b/{stem}"') }),
      'c.yaml': named('c', { input: '{files: raw/one.txt}', ...to('name: out.dst, path: c') }),
      'd.yaml': named('d', { ...RAW, ...to('name: "{run}.dst", path: d') }),
    },
    lines: [
      'a.yaml:7:25 spec.outputs.dst.name: out.dst is the same for every input; put {stem} or {name} in it',
    ],
  },
  {
    it: 'wants names that differ within a job of several files',
    files: {
      'a.yaml': named('a', {
        ...RAW,
        job: '{command: "x", filesPerJob: 2}',
        ...to('name: out.dst, path: "{stem}"'),
      }),
    },
    lines: [
      'a.yaml:7:25 spec.outputs.dst.name: out.dst is the same for every input; put {stem} or {name} in it, since a job has several (filesPerJob)',
    ],
  },
  {
    it: 'keeps outputs out of the folder of what is not final',
    files: { 'a.yaml': named('a', { ...RAW, ...to('path: .rereco/attempts') }) },
    lines: [
      'a.yaml:7:25 spec.outputs.dst.path: lies in .rereco, the folder of what is not final; choose another',
    ],
  },
  {
    it: 'tells the later of two datasets that make the same files of the same input',
    files: {
      'a.yaml': named('a', { ...RAW, ...to('path: dst') }),
      'b.yaml': named('b', { ...RAW, ...to('path: dst') }),
    },
    lines: [
      'b.yaml:7:13 spec.outputs.dst.name: is where dataset a (a.yaml:1) puts outputs.dst of the same files; give it another name or path',
    ],
  },
  {
    it: 'knows a place under the names of different stores, nested ones too',
    files: {
      'here.yaml': site('here', 'all: {driver: posix, root: .}, disk: {driver: posix, root: disk}'),
      'there.yaml': site('there', 'all: {driver: posix, root: .}, same: {driver: posix, root: ./disk/}'),
      'a.yaml': named('a', { ...RAW, ...to('store: disk, path: x'), site: 'here' }),
      'b.yaml': named('b', { ...RAW, ...to('store: same, path: x'), site: 'there' }),
      'c.yaml': named('c', { ...RAW, ...to('store: all, path: disk/x'), site: 'here' }),
    },
    lines: ['b.yaml', 'c.yaml'].map(
      (file) =>
        `${file}:7:13 spec.outputs.dst.name: is where dataset a (a.yaml:1) puts outputs.dst of the same files; give it another name or path`,
    ),
  },
  {
    it: 'says nothing where the input, or what tells the outputs apart, is another',
    files: {
      'a.yaml': named('a', { ...RAW, ...to('path: dst') }),
      'b.yaml': named('b', { input: '{files: "raw/*.lhe"}', ...to('path: dst') }),
      'c.yaml': named('c', { ...RAW, ...to('name: "{stem}.{revision}", path: dst') }),
      'd.yaml': named('d', { ...RAW, ...to('name: "{stem}.{revision}", path: dst') }),
      'e.yaml': named('e', { ...RAW, ...to('name: "{stem}.{dataset}", path: dst') }),
      'f.yaml': named('f', { ...RAW, ...to('name: "{stem}.{dataset}", path: dst') }),
    },
    lines: [],
  },
  {
    it: 'tells every dataset of a ring, and none of a chain or of those that only match their own',
    files: {
      'a.yaml': named('a', { input: '{files: "raw/**"}', ...to('path: one') }),
      'b.yaml': named('b', { input: '{files: "one/*.dst"}', ...to('path: two') }),
      'c.yaml': named('c', { input: '{files: "two/*"}', ...to('path: raw/again') }),
      'd.yaml': named('d', { input: '{files: "two/*"}', ...to('path: three') }),
      'e.yaml': named('e', { input: '{files: "other/**/*.dst"}', ...to('path: other/e') }),
    },
    lines: [
      ['a.yaml', 'a → b → c → a'],
      ['b.yaml', 'b → c → a → b'],
      ['c.yaml', 'c → a → b → c'],
    ].map(
      ([file, ring]) =>
        `${file}:5:18 spec.input.files: matches what is made of this dataset's own outputs (${ring}), which would never end; name fewer files, or give one of them another place`,
    ),
  },
];

describe('validateSpecs, of places', () => saysOf(CASES));

describe('two patterns of paths', () => {
  const meet = (one: string, other: string) =>
    patternsOf(one).some((a) => patternsOf(other).some((b) => canMeet(a, b)));
  const cases: readonly (readonly [one: string, other: string, meet: boolean])[] = [
    ['raw/*.txt', 'raw/*.txt', true],
    ['raw/*.txt', 'raw/*.dst', false],
    ['raw/*', 'raw/deep/a', false],
    ['raw/**', 'raw/deep/a', true],
    ['**/*.txt', 'a.txt', true],
    ['**/a.txt', 'ba.txt', false],
    ['raw/**/a.txt', 'raw/a.txt', true],
    ['./raw/*', 'raw/a', true],
    ['{raw,dst}/*', 'dst/a', true],
    ['{raw,dst}/*', 'other/a', false],
    ['raw/run?.txt', 'raw/run1.txt', true],
    ['raw/run[0-9].txt', 'raw/run12.txt', false],
    ['raw/*_a.txt', 'raw/b_*.txt', true],
    ['raw/\\*.txt', 'raw/a.txt', false],
    ['raw/!(a)', 'raw/b', true],
    [`${'*a'.repeat(40)}b`, `${'*a'.repeat(40)}c`, false],
  ];
  for (const [one, other, does] of cases) {
    it(`${one.slice(0, 30)} and ${other.slice(0, 30)} ${does ? 'meet' : 'do not meet'}`, () => {
      assert.deepEqual([meet(one, other), meet(other, one)], [does, does]);
    });
  }
});
