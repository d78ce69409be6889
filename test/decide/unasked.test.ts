import assert from 'node:assert/strict';
import { isSameSpec, movedTo } from '../../reconcilers/decide/specs/refusal.ts';
import { heldProblems, renamedFrom, unaskedFor } from '../../reconcilers/decide/specs/unasked.ts';
import type { LoadedDataset, LoadedSpecs, SpecProblem } from '../../specs/types.ts';
import { aDataset } from '../builders.ts';
import { aSpec } from '../spec-builders.ts';

const FILE = '/specs/a.yaml';
const loadedAs = (name: string, inputDigest = 'same', file = FILE): LoadedDataset => ({
  ...aDataset().loaded,
  spec: aSpec({ name }),
  origin: { file, line: 1, commit: null, author: null },
  inputDigest,
});
const row = (name: string, fields: Parameters<typeof aDataset>[1] = {}) =>
  aDataset({}, { name, loaded: loadedAs(name), ...fields });
const specs = (fields: Partial<LoadedSpecs> = {}): LoadedSpecs => ({
  datasets: [],
  sites: [],
  problems: [],
  wrongFiles: [],
  passedOver: [],
  files: [FILE],
  namedFiles: [],
  checkouts: [],
  ...fields,
});
const problem = (file: string): SpecProblem => ({ file, line: 1, column: 1, path: '', sentence: 'is wrong' });
const everywhere = () => true;

describe('unaskedFor', () => {
  const cases: readonly (readonly [string, LoadedSpecs, readonly string[], RegExp | null])[] = [
    ['leaves alone what is asked for', specs({ datasets: [loadedAs('p17')] }), [], null],
    ['keeps a dataset whose file has a problem', specs({ problems: [problem(FILE)] }), ['p17'], null],
    ['keeps one of which a file it names is wrong', specs({ wrongFiles: [FILE] }), ['p17'], null],
    ['keeps one whose folder could not be listed', specs({ problems: [problem('/specs')] }), ['p17'], null],
    ['keeps one whose file holds something else now', specs({ passedOver: [problem(FILE)] }), ['p17'], null],
    ['gives up one whose file is gone', specs({ files: [] }), [], /is gone; put it back/],
    [
      'is not misled by a problem beside it',
      specs({ problems: [problem('/specs/a')] }),
      [],
      /asks for it no more/,
    ],
    [
      'names the new name that its file asks for',
      specs({ datasets: [loadedAs('p18', 'other')] }),
      [],
      /asks for p18 now; .*dataset rename p17 p18/,
    ],
  ];
  for (const [title, loaded, kept, because] of cases) {
    it(title, () => {
      const found = unaskedFor(loaded, [row('p17')], everywhere);
      assert.deepEqual(
        found.kept.map(({ name }) => name),
        kept,
      );
      if (because === null) assert.deepEqual(found.orphans, []);
      else assert.match(found.orphans[0]?.because ?? '', because);
    });
  }

  it('says nothing of a dataset whose place was not read', () => {
    assert.deepEqual(unaskedFor(specs({ files: [] }), [row('p17')], () => false).orphans, []);
  });
});

describe('a spec in another checkout of its repository', () => {
  const at = (checkout: string, name = 'p17', repository = 'r1') => {
    const loaded = loadedAs(name, 'same', `${checkout}/a.yaml`);
    return { ...loaded, origin: { ...loaded.origin, repository, path: 'a.yaml' } };
  };
  const known = aDataset({}, { name: 'p17', loaded: at('/old') });
  const read = (fields: Partial<LoadedSpecs> = {}) =>
    specs({ files: ['/new/a.yaml'], checkouts: [{ repository: 'r1', root: '/new' }], ...fields });

  it('is the same spec, which is put down where it lies now', () => {
    assert.equal(isSameSpec(known, at('/new')), true);
    assert.equal(movedTo(known, at('/new'))?.file, '/new/a.yaml');
    assert.equal(movedTo(known, at('/old')), undefined);
  });

  it('is another one in another repository, and where its repository is not known', () => {
    assert.equal(isSameSpec(known, at('/new', 'p17', 'r2')), false);
    assert.equal(isSameSpec(row('p17'), at('/new')), false);
  });

  it('is kept while its file there is broken', () => {
    const found = unaskedFor(read({ problems: [problem('/new/a.yaml')] }), [known], everywhere);
    assert.deepEqual([found.kept.length, found.orphans.length], [1, 0]);
  });

  it('is known under another name, and told when its file holds something else', () => {
    const after = at('/new', 'p18');
    assert.equal(renamedFrom(after, read({ datasets: [after] }), [known])?.name, 'p17');
    assert.equal(heldProblems(read({ passedOver: [problem('/new/a.yaml')] }), [known]).length, 1);
    const [orphan] = unaskedFor(read({ datasets: [after] }), [known], everywhere).orphans;
    assert.match(orphan?.because ?? '', /asks for p18 now/);
  });
});

describe('heldProblems', () => {
  it('names the dataset, and is silent of files that never held one, and of orphans', () => {
    const passedOver = [problem(FILE), problem('/specs/pod.yaml')];
    const [one, ...others] = heldProblems(specs({ passedOver }), [row('p17')]);
    assert.match(one?.sentence ?? '', /^is wrong; the file has held dataset p17/);
    assert.deepEqual(others, []);
    assert.deepEqual(heldProblems(specs({ passedOver }), [row('p17', { orphanedMs: 1 })]), []);
  });
});

describe('renamedFrom', () => {
  const cases: readonly (readonly [string, LoadedDataset, string | undefined])[] = [
    ['knows the same input in the same file under another name', loadedAs('p18'), 'p17'],
    ['takes another input for another dataset', loadedAs('p18', 'other'), undefined],
    [
      'takes a copy in a file of its own for another dataset',
      loadedAs('p18', 'same', '/specs/b.yaml'),
      undefined,
    ],
    ['leaves a name that is on record alone', loadedAs('p16'), undefined],
  ];
  for (const [title, after, old] of cases) {
    it(title, () => {
      const known = [row('p16', { orphanedMs: 1 }), row('p17')];
      assert.equal(renamedFrom(after, specs({ datasets: [after] }), known)?.name, old);
    });
  }

  it('takes a copy beside the old one for another dataset', () => {
    const datasets = [loadedAs('p17'), loadedAs('p18')];
    assert.equal(renamedFrom(loadedAs('p18'), specs({ datasets }), [row('p17')]), undefined);
  });
});
