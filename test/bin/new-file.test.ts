import assert from 'node:assert/strict';
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { UserError } from '../../bin/failure.ts';
import { type Existing, writeNewFile } from '../../bin/new-file.ts';
import { DriverError } from '../../reconcilers/ports/errors.ts';

describe('writing a file that a person named', () => {
  let folder: string;
  const at = (name: string) => path.join(folder, name);
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rereco-new-file-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = (name: string, existing: Existing, text = 'new') =>
    writeNewFile(at(name), existing, async (out: Writable) => {
      await new Promise<void>((resolve) => out.end(text, resolve));
      return text.toUpperCase();
    });

  it('gives it its name when it is whole, and tells its size', async () => {
    assert.deepEqual(await write('a', 'keep'), { result: 'NEW', sizeBytes: 3 });
    assert.deepEqual(await readdir(folder), ['a']);
    assert.equal(await readFile(at('a'), 'utf8'), 'new');
  });

  it('keeps one of that name, and replaces it only when told to', async () => {
    await writeFile(at('a'), 'old');
    await assert.rejects(write('a', 'keep'), /is there already: .* --force/);
    assert.equal(await readFile(at('a'), 'utf8'), 'old');
    await write('a', 'replace');
    assert.equal(await readFile(at('a'), 'utf8'), 'new');
  });

  it('keeps one that came to be while it was written', async () => {
    const late = writeNewFile(at('a'), 'keep', async (out) => {
      await writeFile(at('a'), 'theirs');
      await new Promise<void>((resolve) => out.end('ours', resolve));
    });
    await assert.rejects(late, UserError);
    assert.equal(await readFile(at('a'), 'utf8'), 'theirs');
    assert.deepEqual(await readdir(folder), ['a']);
  });

  it('replaces what a link leads to, not the link', async () => {
    await writeFile(at('real'), 'old');
    await symlink('real', at('link'));
    await write('link', 'replace');
    assert.ok((await lstat(at('link'))).isSymbolicLink());
    assert.equal(await readFile(at('real'), 'utf8'), 'new');
  });

  it('leaves nothing, and the old one as it was, when the writer fails', async () => {
    await writeFile(at('a'), 'old');
    const failing = writeNewFile(at('a'), 'replace', async (out) => {
      out.write('half');
      throw new Error('no more');
    });
    await assert.rejects(failing, /no more/);
    assert.deepEqual(await readdir(folder), ['a']);
    assert.equal(await readFile(at('a'), 'utf8'), 'old');
  });

  it('says of the disk what the disk says', async () => {
    const full = writeNewFile(at('a'), 'keep', async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
    await assert.rejects(
      full,
      (error) => error instanceof DriverError && /a: ENOSPC: no space left/.test(error.message),
    );
  });

  it('writes no folder, no device, and in no folder that is not there', async () => {
    await assert.rejects(write('.', 'replace'), /is a folder/);
    await assert.rejects(
      writeNewFile('/dev/null', 'replace', async () => null),
      /is no file/,
    );
    await assert.rejects(write('none/a', 'keep'), /no such folder/);
    await assert.rejects(
      writeNewFile(path.join(at('b'), 'c'), 'keep', async () => null),
      UserError,
    );
  });
});
