import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { valueAt } from '../../specs/fill.ts';
import { parseSpecs } from '../../specs/parse.ts';
import { aDataset, aSite, type SpecFolder, specFolder } from './folder.ts';

const BOMB = [
  'a0: &a0 [x, x, x]',
  ...Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`),
].join('\n');

const MERGES = [
  'a0: &a0 {x: y}',
  ...Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} {<<: [*a${n}, *a${n}]}`),
].join('\n');

let folder: SpecFolder;
beforeEach(async () => {
  folder = await specFolder({ 'good/one.yaml': aDataset({}, 'one'), 'good/two.yml': aDataset({}, 'two') });
});
afterEach(() => folder.drop());

describe('loadSpecs, of hostile files', () => {
  const texts: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['an alias bomb', BOMB, '12:12: its aliases expand to too much; write the values out'],
    ['an anchor that holds itself', 'a: &a [*a]', '1:8: the anchor &a holds itself; write the values out'],
    ['a merge of itself', 'x: &x\n  <<: *x', '2:7: the anchor &x holds itself; write the values out'],
    ['brackets that would exhaust the stack', '['.repeat(20_000), '1:1: nested more than 64 levels deep'],
    ['dashes that would exhaust the stack', '- '.repeat(20_000), '1:1: nested more than 64 levels deep'],
    ['a binary file', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0), '1:1: is a binary file, not text'],
    ['text in Latin-1', Uint8Array.of(0x61, 0x3a, 0x20, 0xe9), '1:1: is not text in UTF-8'],
    [
      'an empty file',
      '',
      '1:1: the file is empty; write a document with apiVersion: rereco/v1 or remove the file',
    ],
    [
      'a file of comments',
      '# later\n',
      '1:1: the file is empty; write a document with apiVersion: rereco/v1 or remove the file',
    ],
    ['a truncated file', 'spec:\n  job: {command: "x', '2:20: not valid YAML: missing closing "quote'],
    [
      'a merge of a text',
      'spec:\n  <<: text',
      '2:7: not valid YAML: << takes a map, an alias of a map, or a list of these',
    ],
    [
      'a merge of nothing',
      'spec:\n  <<: ~',
      '2:7: not valid YAML: << takes a map, an alias of a map, or a list of these',
    ],
    [
      'a merge of a list of other things',
      '<<: [{a: b}, 2]',
      '1:5: not valid YAML: << takes a map, an alias of a map, or a list of these',
    ],
    [
      'a merge of an anchor in another document',
      'apiVersion: v1\na: &a {b: c}\n---\nspec:\n  <<: *a',
      '5:7: not valid YAML: there is no anchor &a for *a; it must stand before the alias, in the same document',
    ],
    [
      'merges that double, again and again',
      MERGES,
      '17:23: its aliases expand to too much; write the values out',
    ],
    ['a NUL in a text', 'a: "b\\0c"', '1:4: holds the character U+0000, which no spec may hold'],
    ['half a character', 'a: "\\uD800"', '1:4: holds half of a surrogate pair, which is no text'],
    [
      'far more keys than a spec has',
      `apiVersion: rereco/v1\n${Array.from({ length: 200_000 }, (_, n) => `k${n}: v\n`).join('')}`,
      '1:1: holds far more than a spec does; put long lists into a file of their own',
    ],
    ['a key given twice', 'a: 1\na: 2', '2:1: not valid YAML: map keys must be unique'],
    ['tabs', 'a:\n\tb: 1', '2:1: not valid YAML: tabs are not allowed as indentation'],
    [
      'an anchor that is not there',
      'a: *b',
      '1:4: not valid YAML: there is no anchor &b for *b; it must stand before the alias, in the same document',
    ],
    [
      'a tag nobody knows',
      'a: !!js/function x',
      '1:4: not valid YAML: unresolved tag: tag:yaml.org,2002:js/function',
    ],
    [
      'something else than a map',
      'hello',
      '1:1: is no spec; a spec is a map of apiVersion, kind, metadata and spec',
    ],
    ['a map without a version', 'kind: Dataset', '1:1 apiVersion: is missing; write apiVersion: rereco/v1'],
  ];
  for (const [what, text, line] of texts) {
    it(`says what is wrong with ${what}, and goes on with the others`, async () => {
      await folder.write('bad.yaml', text);
      assert.deepEqual(await folder.lines(), [`bad.yaml:${line}`]);
      assert.deepEqual(
        (await folder.load()).datasets.map(({ spec }) => spec.name),
        ['one', 'two'],
      );
    });
  }

  it('does not read a file of 100 MB', async () => {
    await truncate(await folder.write('bad.yaml', ''), 100_000_000);
    assert.deepEqual(await folder.lines(), [
      'bad.yaml:1:1: has 100 MB, more than the 5 MB of a spec; put long lists into an NDJSON manifest',
    ]);
  });

  it('does not wait on a pipe', async () => {
    execFileSync('mkfifo', [join(folder.path, 'bad.yaml')]);
    assert.deepEqual(await folder.lines(), ['bad.yaml:1:1: is no regular file']);
    assert.deepEqual(await folder.lines('bad.yaml'), ['bad.yaml:1:1: is no regular file']);
  });

  it('says which folder is named like a file', async () => {
    await mkdir(join(folder.path, 'bad.yaml'));
    assert.deepEqual(await folder.lines(), ['bad.yaml:1:1: is a folder, but named like a spec; rename it']);
    assert.deepEqual(await folder.lines('bad.yaml'), [
      'bad.yaml:1:1: is a folder; name a file, or a folder without .yaml',
    ]);
  });

  it('says which file may not be read', async () => {
    await chmod(await folder.write('bad.yaml', aDataset()), 0);
    const user = process.geteuid?.() ?? 0;
    // Root may read everything, so the test is somebody else for a moment.
    if (user === 0) process.seteuid?.(65_534);
    try {
      assert.deepEqual(await folder.lines(), ['bad.yaml:1:1: may not be read by this user']);
    } finally {
      process.seteuid?.(user);
    }
  });

  it('says which path is not there', async () => {
    assert.deepEqual(await folder.lines('none.yaml', 'good'), ['none.yaml:1:1: does not exist']);
  });

  it('says which link leads to itself, and walks a folder that links to itself once', async () => {
    await symlink('bad.yaml', join(folder.path, 'bad.yaml'));
    await symlink('.', join(folder.path, 'again'));
    assert.deepEqual(await folder.lines(), ['bad.yaml:1:1: is a symbolic link that leads back to itself']);
    assert.equal((await folder.load()).datasets.length, 2);
  });

  it('says which folder is empty', async () => {
    await mkdir(join(folder.path, 'none'));
    assert.deepEqual(await folder.lines('none'), [
      `${folder.path}/none:1:1: is a folder without spec files (*.yaml or *.yml)`.replace(
        `${folder.path}/`,
        '',
      ),
    ]);
  });
});

describe('loadSpecs', () => {
  it('goes on with two good specs beside a broken one, whose file it still names', async () => {
    const bad = await folder.write('bad.yaml', aDataset({ onChnage: 'keep' }, 'three'));
    const { datasets, files, problems } = await folder.load();
    assert.deepEqual([datasets.length, problems.length], [2, 1]);
    assert.ok(files.includes(bad));
  });

  it('goes on with the good documents of a file with a bad one', async () => {
    await folder.write('mixed.yaml', `${aDataset({}, 'three')}---\n${aDataset({ x: '1' }, 'four')}---\n`);
    const { datasets } = await folder.load('mixed.yaml');
    assert.deepEqual(
      datasets.map(({ spec, origin }) => [spec.name, origin.line]),
      [['three', 1]],
    );
  });

  it('passes over documents of other programs in a folder, but not where the file was named', async () => {
    await folder.write('pod.yaml', 'apiVersion: v1\nkind: Pod\n');
    assert.deepEqual(await folder.lines(), []);
    assert.deepEqual(await folder.lines('pod.yaml'), [
      'pod.yaml:1:13 apiVersion: v1 is none of ours; write rereco/v1',
    ]);
  });

  it('passes over a long file that never names rereco, but not where the file was named', async () => {
    await folder.write('index.yaml', `entries:\n${'- {a: b, c: d}\n'.repeat(80_000)}`);
    assert.deepEqual(await folder.lines(), []);
    assert.deepEqual(await folder.lines('index.yaml'), [
      'index.yaml:1:1: holds far more than a spec does; put long lists into a file of their own',
    ]);
  });

  it('passes over dot folders and installed packages', async () => {
    await folder.write('.git/x.yaml', '{');
    await folder.write('node_modules/x.yaml', '{');
    assert.deepEqual(await folder.lines(), []);
  });

  it('says nothing of folders that go away while it walks, as those of jobs do', async () => {
    const jobs = Array.from({ length: 8 }, (_, n) => join(folder.path, 'spool', `${n}`));
    const end = Date.now() + 300;
    const come = jobs.map(async (job) => {
      while (Date.now() < end) {
        await mkdir(job, { recursive: true });
        await rm(job, { recursive: true });
      }
    });
    const lines: string[] = [];
    while (Date.now() < end) lines.push(...(await folder.lines()));
    await Promise.all(come);
    assert.deepEqual(lines, []);
  });

  it('loads a file once that is named twice', async () => {
    assert.equal((await folder.load('good', 'good/one.yaml', 'good')).datasets.length, 2);
  });

  it('finds manifests and run lists beside the spec', async () => {
    await folder.write('lists/in.ndjson', '{}\n');
    await folder.write('lists/runs.txt', '1-3 # first\n\n7\n');
    await folder.write(
      'lists/a.yaml',
      aDataset({ input: '{manifest: in.ndjson, runs: {include: runs.txt}}' }, 'three'),
    );
    const [dataset] = (await folder.load('lists')).datasets;
    assert.deepEqual(dataset?.spec.input.source, {
      kind: 'manifest',
      manifest: join(folder.path, 'lists/in.ndjson'),
    });
    assert.deepEqual(dataset?.spec.input.runs.include, [
      [1, 3],
      [7, 7],
    ]);
  });

  it('lists every file that specs name, there or not, so that it can be watched', async () => {
    await folder.write('lists/in.ndjson', '{}\n');
    const input = '{manifest: in.ndjson, eventCount: {manifest: n.ndjson}, runs: {exclude: bad/runs.txt}}';
    await folder.write('lists/a.yaml', aDataset({ input }, 'three'));
    await folder.write('lists/site.yaml', aSite({ catalog: '{driver: embedded, manifests: [all.ndjson]}' }));
    const { namedFiles } = await folder.load('lists');
    const names = ['all.ndjson', 'bad/runs.txt', 'in.ndjson', 'n.ndjson'];
    assert.deepEqual(
      namedFiles,
      names.map((name) => join(folder.path, 'lists', name)),
    );
  });

  it('takes a changed file that a spec names for a changed spec', async () => {
    const digests = async () => {
      const [dataset] = (await folder.load('lists')).datasets;
      return { all: dataset?.digest, input: dataset?.inputDigest };
    };
    await folder.write('lists/in.ndjson', '{}\n');
    await folder.write('lists/runs.txt', '7\n');
    await folder.write(
      'lists/a.yaml',
      aDataset({ input: '{manifest: in.ndjson, runs: {exclude: runs.txt}}' }, 'three'),
    );
    const before = await digests();
    assert.deepEqual(await digests(), before);

    await folder.write('lists/in.ndjson', '{}\n{}\n');
    const longer = await digests();
    assert.ok(longer.all !== before.all && longer.input !== before.input);

    await folder.write('lists/runs.txt', '7\n8\n');
    const fewer = await digests();
    assert.ok(fewer.all !== longer.all && fewer.input !== longer.input);
  });

  it('takes anchors and merge keys for what they stand for', async () => {
    const outputs = '\n    a: &common {policy: none, path: x}\n    b: {<<: *common, dataTier: y}';
    await folder.write('merge.yaml', aDataset({ outputs }, 'three'));
    const [dataset] = (await folder.load('merge.yaml')).datasets;
    assert.deepEqual(
      dataset?.spec.outputs.map(({ policy, dataTier }) => [policy.kind, dataTier]),
      [
        ['none', 'a'],
        ['none', 'y'],
      ],
    );
  });

  it('takes a key of its own before what it merges, and an earlier merge before a later one', async () => {
    const defaults = 'x: &x {policy: none, path: a, dataTier: x}\ny: &y {path: b, declare: fileDone}\n';
    const outputs = '\n    dst: {<<: [*y, *x], dataTier: own}';
    const { documents } = parseSpecs('a.yaml', `${defaults}outputs:${outputs}`);
    assert.deepEqual(valueAt(documents[0]?.value, ['outputs', 'dst']), {
      path: 'b',
      declare: 'fileDone',
      policy: 'none',
      dataTier: 'own',
    });
  });

  it('points into what was merged', async () => {
    const outputs = '\n    a: &common {polcy: none}\n    b: {<<: *common}';
    await folder.write('merge.yaml', aDataset({ outputs }, 'three'));
    assert.deepEqual(await folder.lines('merge.yaml'), [
      'merge.yaml:8:17 spec.outputs.a.polcy: unknown field; did you mean policy?',
      'merge.yaml:8:17 spec.outputs.b.polcy: unknown field; did you mean policy?',
    ]);
  });

  it('keeps a problem on its line, whatever the text it shows', async () => {
    await folder.write('bad.yaml', aDataset({ onChange: '"a\\nb\\e[31m"' }, 'three'));
    const [line = ''] = await folder.lines('bad.yaml');
    assert.match(line, /there is no a\\u000ab\\u001b\[31m here/);
  });

  it('stops at its signal', async () => {
    const { loadSpecs } = await import('../../specs/load.ts');
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(loadSpecs([folder.path], { stateDir: '/state', signal }), { message: 'enough' });
  });
});
