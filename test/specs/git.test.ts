import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aDataset, type SpecFolder, specFolder } from './folder.ts';

/** The suite needs Node only: without git, what is left to see is that nobody needs it. */
const GIT_IS_HERE = spawnSync('git', ['--version']).status === 0;

describe('the origin of a spec', () => {
  let folder: SpecFolder;
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], {
      cwd: folder.path,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  const origins = async () =>
    Object.fromEntries((await folder.load()).datasets.map(({ spec, origin }) => [spec.name, origin]));

  beforeEach(async () => {
    folder = await specFolder({ 'sub/one.yaml': aDataset({}, 'one'), 'sub/two é.yaml': aDataset({}, 'two') });
  });
  afterEach(() => folder.drop());

  it('has no commit where there is no git', async () => {
    const { PATH } = process.env;
    process.env.PATH = '';
    try {
      assert.equal((await origins()).one?.commit, null);
    } finally {
      process.env.PATH = PATH;
    }
  });

  if (!GIT_IS_HERE) return;

  it('is the last commit that touched its file', async () => {
    git('init');
    git('add', '.');
    git('commit', '-m', 'first');
    const first = git('rev-parse', 'HEAD');
    await folder.write('sub/two é.yaml', aDataset({ suspend: 'true' }, 'two'));
    git('commit', '-am', 'second');
    const { one, two } = await origins();
    assert.deepEqual([one?.commit, one?.author], [first, 'Ada']);
    assert.deepEqual([two?.commit, two?.author], [git('rev-parse', 'HEAD'), 'Ada']);
  });

  it('has no commit where the file was changed since, or was never committed', async () => {
    git('init');
    git('add', 'sub/one.yaml');
    git('commit', '-m', 'first');
    await folder.write('sub/one.yaml', aDataset({ suspend: 'true' }, 'one'));
    const { one, two } = await origins();
    assert.deepEqual([one?.commit, two?.commit, two?.author], [null, null, null]);
  });

  it('has no commit outside git, and in a repository without any', async () => {
    assert.equal((await origins()).one?.commit, null);
    git('init');
    assert.equal((await origins()).one?.commit, null);
  });

  it("is asked for without a touch of git's index", async () => {
    git('init');
    git('add', '.');
    git('commit', '-m', 'first');
    await folder.write('sub/one.yaml', aDataset({}, 'one'));
    const index = () => readFileSync(join(folder.path, '.git/index')).toString('hex');
    const before = index();
    await origins();
    assert.equal(index(), before);
  });

  const sources = async () =>
    Object.values(await origins()).map(({ repository, path }) => [repository, path]);

  it('is the root commit of its repository and the path in it, in every clone and worktree', async () => {
    git('init');
    assert.deepEqual(await sources(), [
      [null, null],
      [null, null],
    ]);
    git('add', '.');
    git('commit', '-m', 'first');
    const root = git('rev-parse', 'HEAD');
    await folder.write('sub/one.yaml', aDataset({ suspend: 'true' }, 'one'));
    git('commit', '-am', 'second');
    const both = [
      [root, 'sub/one.yaml'],
      [root, 'sub/two é.yaml'],
    ];
    assert.deepEqual(await sources(), both);
    for (const way of [
      ['clone', '.'],
      ['worktree', 'add'],
    ]) {
      const other = await specFolder({});
      try {
        git(...way, join(other.path, 'there'));
        const read = await other.load();
        assert.deepEqual(
          read.datasets.map(({ origin }) => [origin.repository, origin.path]),
          both,
        );
        const repository = read.checkouts[0]?.repository;
        assert.deepEqual([repository, read.checkouts.length], [root, 1]);
      } finally {
        await other.drop();
      }
    }
  });

  it('is its file alone in a shallow clone, which does not know where its history begins', async () => {
    git('init');
    git('add', '.');
    git('commit', '-m', 'first');
    git('commit', '--allow-empty', '-m', 'second');
    const other = await specFolder({});
    try {
      git('clone', '--depth', '1', `file://${folder.path}`, join(other.path, 'there'));
      const [one] = (await other.load()).datasets;
      assert.deepEqual([one?.origin.repository, one?.origin.path], [null, null]);
    } finally {
      await other.drop();
    }
  });
});
