import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { posixStore } from '../../reconcilers/drivers/store/posix.ts';

const HELLO = ['5', 'adler32:062c0215'];

interface Ended {
  readonly exitCode: number;
  readonly stderr: string;
}

describe('the words with which a job uses the posix store', () => {
  let base: string;
  let root: string;
  let local: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "rereco it's-"));
    root = join(base, 'root');
    local = join(base, '-local file');
    await mkdir(root);
    await writeFile(local, 'hello');
  });
  afterEach(() => rm(base, { recursive: true }));

  const commands = () => posixStore({ name: 'disk', root }).jobCommands;
  const deliver = (
    path: string,
    file = local,
    options: { readonly tools?: string; readonly mark?: string } = {},
  ) => sh(commands().deliver(options.mark), [file, commands().place(path)], options.tools);
  const fetch = (path: string, file: string) =>
    sh(commands().fetch(1000), [file, '', commands().place(path), ...HELLO]);
  /** As a job script does: in a shell of its own, whose status is looked at. */
  const sh = (text: string, args: readonly string[], path = process.env.PATH ?? '') =>
    new Promise<Ended>((resolve) => {
      const script = `words() {\n${text}\n}\nif (words "$@"); then echo after; exit 0; else exit 7; fi`;
      const options = { cwd: base, env: { ...process.env, PATH: path } };
      execFile('/bin/sh', ['-c', script, 'sh', ...args], options, (error, _, stderr) =>
        resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stderr }),
      );
    });

  for (const name of ['plain', "it's", '-rf', 'a  b/$(x)`y`', 'line\nbreak', 'Grüße', '"q"\\n', '*']) {
    it(`delivers and fetches ${JSON.stringify(name)}, once and again`, async () => {
      const path = `new/folder/${name}`;
      for (const _ of [1, 2]) assert.deepEqual(await deliver(path, local), { exitCode: 0, stderr: '' });
      assert.equal(await readFile(join(root, path), 'utf8'), 'hello');
      assert.equal((await fetch(path, '-back')).exitCode, 0);
      assert.equal(await readFile(join(base, '-back'), 'utf8'), 'hello');
    });
  }

  it('replaces nothing, and leaves nothing beside it', async () => {
    await writeFile(join(root, 'x'), 'other');
    const ended = await deliver('x', local);
    assert.deepEqual([ended.exitCode, ended.stderr], [7, 'store disk: x holds other bytes already\n']);
    assert.equal(await readFile(join(root, 'x'), 'utf8'), 'other');
    assert.deepEqual(await readdir(root), ['x']);
  });

  it('takes a folder under the name for other bytes', async () => {
    await mkdir(join(root, 'x'));
    assert.equal((await deliver('x', local)).exitCode, 7);
    assert.deepEqual(await readdir(join(root, 'x')), []);
  });

  it('does not make a root that is not mounted', async () => {
    await rm(root, { recursive: true });
    const ended = await deliver('x', local);
    assert.equal(ended.exitCode, 7);
    assert.match(ended.stderr, /is not there; mount it, or make it: mkdir -p/);
    await assert.rejects(readdir(root), { code: 'ENOENT' });
  });

  it('delivers nothing into a root without its mark', async () => {
    const marked = () => deliver("it's/x", local, { mark: "it's/mark" });
    const ended = await marked();
    assert.equal(ended.exitCode, 7);
    assert.match(ended.stderr, /store disk: it's\/mark is not there; is another disk mounted/);
    assert.deepEqual(await readdir(root), []);
    await mkdir(join(root, "it's"));
    await writeFile(join(root, "it's/mark"), '');
    assert.deepEqual(await marked(), { exitCode: 0, stderr: '' });
  });

  it('fails when there is nothing to deliver or to fetch', async () => {
    assert.equal((await deliver('x', join(base, 'none'))).exitCode, 7);
    assert.equal((await fetch('none', join(base, 'out'))).exitCode, 7);
    assert.deepEqual(await readdir(root), []);
  });

  it('does without hard links, and without a sync that takes files', async () => {
    const tools = join(base, 'tools');
    await mkdir(tools);
    await writeFile(join(tools, 'ln'), '#!/bin/sh\necho "ln: Operation not permitted" >&2\nexit 1\n');
    await writeFile(join(tools, 'sync'), '#!/bin/sh\n[ $# -eq 0 ]\n');
    for (const tool of ['ln', 'sync']) await chmod(join(tools, tool), 0o755);
    const path = `${tools}:${process.env.PATH}`;
    for (const _ of [1, 2]) assert.equal((await deliver('d/x', local, { tools: path })).exitCode, 0);
    assert.equal(await readFile(join(root, 'd/x'), 'utf8'), 'hello');
    await writeFile(local, 'other');
    assert.equal((await deliver('d/x', local, { tools: path })).exitCode, 7);
    assert.deepEqual(await readdir(join(root, 'd')), ['x']);
  });

  it('lets one of two jobs at once have a name', async () => {
    const second = join(base, 'second');
    await writeFile(second, 'other');
    const ends = await Promise.all([local, second].map((file) => deliver('x', file)));
    assert.deepEqual(ends.map(({ exitCode }) => exitCode).sort(), [0, 7]);
    assert.deepEqual(await readdir(root), ['x']);
  });
});
